/** What a record is about besides its kind: participant, session, room, sequence, lamport, … [T4]. */
export type Fields = Readonly<Record<string, unknown>>;

/** Where structured log records go [T3]. `event` names what happened, in words joined by hyphens. */
export interface Journal {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
}

/** A journal that writes nothing. */
export const silent: Journal = { debug() {}, info() {}, warn() {}, error() {} };
