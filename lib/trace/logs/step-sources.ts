const firstCapacity = 64;

/** From which line each step of a client is, and when that was written: 12 bytes a step. */
export class StepSources {
  #lines = new Int32Array(firstCapacity);
  /** NaN where a line does not say. */
  #timesMs = new Float64Array(firstCapacity);
  #length = 0;

  /** How many steps there are. */
  get length(): number {
    return this.#length;
  }

  /** The next step is from `line`, which was written at `timeMs`. */
  add(line: number, timeMs: number): void {
    if (this.#length === this.#lines.length) this.#grow();
    this.#lines[this.#length] = line;
    this.#timesMs[this.#length] = timeMs;
    this.#length += 1;
  }

  /** 0 where there is no such step. */
  line(step: number): number {
    return this.#lines[step] ?? 0;
  }

  timeMs(step: number): number | undefined {
    const time = this.#timesMs[step];
    return time === undefined || Number.isNaN(time) || step >= this.#length ? undefined : time;
  }

  #grow(): void {
    const [lines, times] = [new Int32Array(2 * this.#length), new Float64Array(2 * this.#length)];
    lines.set(this.#lines);
    times.set(this.#timesMs);
    this.#lines = lines;
    this.#timesMs = times;
  }
}
