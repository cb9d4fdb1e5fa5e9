import type { History } from '../history.js';

/** A line of a log file: the evidence of what is said. Shown as `file:line`. */
export interface Source {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What the logs of one run say, together. */
export interface Run {
  /** Each client as its log has it; `logs` are the rooms' logs as the clients and the server bear witness to them. */
  readonly history: History;
  /** What the servers' logs say, in the order of their lines. They tell no texts and no chains of messages. */
  readonly server: readonly ServerRecord[];
  /** Where the log says what a client's step is made of; the step by its index in the client's `steps`. */
  source(client: string, step: number): Source;
  /** When the line was written, in milliseconds since 1970 by its writer's own clock; undefined where it does not say. */
  writtenAt(client: string, step: number): number | undefined;
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
  /** To how many a run was delivered. */
  readonly participants?: number | undefined;
  readonly timeMs?: number | undefined;
  readonly source: Source;
}
