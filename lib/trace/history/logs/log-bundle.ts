import type { Evidence } from '../evidence.js';

/** A line of a log file: the evidence of what is said. Shown as `file:line`. */
export interface Source {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What the logs of one run say, together. */
export interface LogBundle {
  /** Each client as its log has it, and the rooms' event logs as the clients bear witness to them; put together. */
  readonly evidence: Evidence;
  /** What the servers' logs say, in the order of their lines. They tell no texts and no chains of messages. */
  readonly server: readonly ServerRecord[];
  /** The files in the order in which they were read. */
  readonly files: readonly LogFile[];
  /** Where the log says what a client's step is made of; the step by its index in the client's `steps`. */
  source(client: string, step: number): Source;
  /** When the line was written, in milliseconds since 1970 by its writer's own clock; undefined where it does not say. */
  writtenAt(client: string, step: number): number | undefined;
}

/** What was found in one file. */
export interface LogFile {
  readonly name: string;
  /** Blank ones counted. */
  readonly lines: number;
  /** The clients whose records it has, by the names they have in the history; usually one. */
  readonly clients: readonly string[];
  /** The participants' own names in the order of `clients`. */
  readonly participants: readonly string[];
  /** Records of a server that bear on the order. */
  readonly serverRecords: number;
  /** Whether a server wrote into it at all. */
  readonly ofServer: boolean;
  /** Lines that break off because their writer was killed or its disk was full: the first ones, at most `tornLinesMax`. */
  readonly torn: readonly number[];
  /** Records that their writer could not write, as it says itself. */
  readonly dropped: number;
  /** The line up to which a client's records are read, where some after it could not be written. */
  readonly readUpTo: number | undefined;
  /** Records of other programs, which say nothing here. */
  readonly passedOver: number;
  /** Lines that are no records at all, which say nothing either. */
  readonly noRecords: number;
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
