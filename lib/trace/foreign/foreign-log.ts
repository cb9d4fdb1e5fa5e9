import { UnreadableLog } from '../history/logs/log-bundle.js';
import type { Patterns, Said } from './pattern.js';

/** One line that a pattern matched. */
export interface Entry extends Said {
  readonly participant: string;
  readonly line: number;
}

/** The log of one participant of another chat, or of its server. */
export interface ForeignLog {
  readonly file: string;
  /** Whose log it is. */
  readonly owner: string;
  readonly lines: number;
  readonly entries: readonly Entry[];
}

/** Takes in the lines of one such log. */
export class ForeignLogReader {
  readonly #file: string;
  readonly #owner: string;
  readonly #patterns: Patterns;
  readonly #entries: Entry[] = [];
  #lines = 0;

  constructor(file: string, owner: string, patterns: Patterns) {
    this.#file = file;
    this.#owner = owner;
    this.#patterns = patterns;
  }

  add(text: string): void {
    this.#lines += 1;
    const said = this.#patterns.read(text.trimEnd());
    if (said) this.#entries.push({ ...said, participant: said.participant ?? this.#owner, line: this.#lines });
  }

  /** Throws UnreadableLog where no line was matched. */
  end(): void {
    if (this.#entries.length > 0) return;
    throw new UnreadableLog({ file: this.#file, line: 1 }, 'no line of this file matches any --pattern.');
  }

  log(): ForeignLog {
    return { file: this.#file, owner: this.#owner, lines: this.#lines, entries: this.#entries };
  }
}

/** Whose log a file is, by its name: `logs/alice.log` is alice's. */
export function ownerByName(file: string): string {
  const name = file.split(/[/\\]/).at(-1) ?? file;
  return name.replace(/\.[^.]+$/, '') || name;
}
