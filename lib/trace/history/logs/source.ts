/** A line of a log file: the evidence of what is said. Shown as `file:line`. */
export interface Source {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What a server's log says of one or more events of a room. */
export interface ServerRecord {
  readonly kind: 'joined' | 'left' | 'delivery';
  readonly room: string;
  /** Of a delivery the first of the run that was delivered. */
  readonly sequence: number;
  /** The last of the run; the same as `sequence` for a join or leave. */
  readonly last: number;
  /** The Lamport time of the event at `last`. */
  readonly lamport: number;
  /** The event at `last` as its place in a history, where the server is new enough to write it. */
  readonly logId?: string | undefined;
  readonly chain?: string | undefined;
  /** Who joined or left. */
  readonly participant?: string | undefined;
  /** The tag of the session that began or ended. */
  readonly session?: string | undefined;
  /** To how many a run was delivered. */
  readonly participants?: number | undefined;
  readonly source: Source;
}

/** A log that cannot be read on: `message` names the line, what is wrong with it, and what to do. */
export class UnreadableLog extends Error {
  override name = 'UnreadableLog';
  readonly source: Source;

  constructor(source: Source, what: string) {
    super(`${source.file}:${source.line}: ${what}`);
    this.source = source;
  }
}
