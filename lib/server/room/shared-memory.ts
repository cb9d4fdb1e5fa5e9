/** What keeps bytes that can be had again from elsewhere. */
export interface MemoryHolder {
  /** Lets go of all it keeps. */
  letGo(): void;
}

/**
 * One budget of bytes for all who keep something only to be quick [P12]: over it, the holder that was used longest ago lets go.
 * A holder that alone is over it lets go too.
 */
export class SharedMemory {
  readonly #bytesMax: number;
  /** What each holder keeps, the one used longest ago first. */
  readonly #holders = new Map<MemoryHolder, number>();
  #newest: MemoryHolder | undefined;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** What all keep, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `holder` was used, and keeps so many bytes now. */
  used(holder: MemoryHolder, bytes: number): void {
    const before = this.#holders.get(holder) ?? 0;
    this.#bytes += bytes - before;
    if (this.#newest === holder) this.#holders.set(holder, bytes);
    else {
      this.#holders.delete(holder);
      this.#holders.set(holder, bytes);
      this.#newest = holder;
    }
    if (bytes === 0) this.#forget(holder);
    for (const oldest of this.#holders.keys()) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#forget(oldest);
      oldest.letGo();
    }
  }

  #forget(holder: MemoryHolder): void {
    this.#bytes -= this.#holders.get(holder) ?? 0;
    this.#holders.delete(holder);
    if (this.#newest === holder) this.#newest = undefined;
  }
}
