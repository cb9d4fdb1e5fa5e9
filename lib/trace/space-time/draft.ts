import type { Moment } from './space-time.js';

/** A moment whose place among all is not known yet: its index and level are 0, and its cause is told by itself. */
export type Draft = { -readonly [Key in keyof Omit<Moment, 'cause'>]: Moment[Key] } & { cause: Draft | undefined };

/** A lifeline while it is built: its moments in their own order. */
export interface DraftLine {
  readonly kind: 'room' | 'client';
  readonly name: string;
  readonly moments: Draft[];
}

/** What happens, without where and when. */
export type What = Pick<Draft, 'kind' | 'room'> &
  Partial<Pick<Draft, 'cause' | 'event' | 'text' | 'seen' | 'ordinal' | 'reason' | 'how' | 'timeMs' | 'source'>>;

/** The next moment of a lifeline. */
export function happens(moments: Draft[], what: What, where: Pick<Draft, 'lifeline' | 'lamport'>): Draft {
  const { kind, room, cause, event, text, seen, ordinal, reason, how, timeMs, source } = what;
  const { lifeline, lamport } = where;
  const position = moments.length + 1;
  // All of one shape: there may be millions.
  const moment = {
    index: 0,
    kind,
    lifeline,
    position,
    lamport,
    level: 0,
    cause,
    event,
    text,
    seen,
    ordinal,
    reason,
    how,
    room,
    timeMs,
    source,
  };
  moments.push(moment);
  return moment;
}

/** The moment itself, in the place of its draft; its own index and its cause's must be known. */
export function settled(draft: Draft): Moment {
  const { cause } = draft;
  return Object.assign(draft as Omit<Draft, 'cause'>, { cause: cause?.index });
}
