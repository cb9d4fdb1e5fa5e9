const firstCapacity = 64;

/** Where a record stands: in which of a client's files, by number, and in which line; and when it was written, NaN where it does not say. */
export interface Written {
  readonly file: number;
  readonly line: number;
  readonly timeMs: number;
}

/** From which line each step of a client is, and when that was written: 14 bytes a step. */
export class StepSources {
  #files = new Uint16Array(firstCapacity);
  #lines = new Int32Array(firstCapacity);
  /** NaN where a line does not say. */
  #timesMs = new Float64Array(firstCapacity);
  #length = 0;

  /** How many steps there are. */
  get length(): number {
    return this.#length;
  }

  /** Where the next step stands. */
  add({ file, line, timeMs }: Written): void {
    if (this.#length === this.#lines.length) this.#grow();
    this.#files[this.#length] = file;
    this.#lines[this.#length] = line;
    this.#timesMs[this.#length] = timeMs;
    this.#length += 1;
  }

  file(step: number): number {
    return this.#files[step] ?? 0;
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
    const length = 2 * this.#length;
    const [files, lines, times] = [new Uint16Array(length), new Int32Array(length), new Float64Array(length)];
    files.set(this.#files);
    lines.set(this.#lines);
    times.set(this.#timesMs);
    this.#files = files;
    this.#lines = lines;
    this.#timesMs = times;
  }
}
