import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';

/**
 * Writes lines to an open regular file, each with all its bytes, however few of them the system takes at a time. One of
 * which only a part could be written (a full disk) is ended before the next begins, so that no line is two.
 */
export class LineFile {
  readonly #file: number;
  #torn: boolean;

  /** `torn`: the file ends within a line. */
  constructor(file: number, torn = false) {
    this.#file = file;
    this.#torn = torn;
  }

  /** Returns when the system has all of `line`; throws the system's error where it does not take it. */
  write(line: Uint8Array): void {
    if (this.#torn) writeSync(this.#file, '\n');
    this.#torn = false;
    for (let written = 0; written < line.length; ) {
      written += writeSync(this.#file, line, written);
      this.#torn = written < line.length;
    }
  }
}

/** Whether an open regular file ends within a line; false also where that cannot be read. */
export function endsWithinLine(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return false;
  try {
    // Anew: it may be open for writing only.
    const reader = openSync(`/proc/self/fd/${file}`, 'r');
    try {
      const last = Buffer.alloc(1);
      return readSync(reader, last, 0, 1, size - 1) === 1 && last.toString() !== '\n';
    } finally {
      closeSync(reader);
    }
  } catch {
    return false;
  }
}
