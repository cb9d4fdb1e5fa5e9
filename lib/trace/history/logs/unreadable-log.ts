import type { Source } from './run.js';

/** A log that cannot be read on: `message` names the line, what is wrong with it, and what to do. */
export class UnreadableLog extends Error {
  override name = 'UnreadableLog';
  readonly source: Source;

  constructor(source: Source, what: string) {
    super(`${source.file}:${source.line}: ${what}`);
    this.source = source;
  }
}
