import type { Doubt, DoubtKind, Lifeline, Moment } from './space-time.js';

/** A moment whose place among all is not known yet: its index and level are 0, and its cause is told by itself. */
export type MomentBuilder = { -readonly [Key in keyof Omit<Moment, 'cause'>]: Moment[Key] } & {
  cause: MomentBuilder | undefined;
};

/** A lifeline while it is built: its moments in their own order. */
export interface LifelineBuilder {
  readonly kind: 'room' | 'client';
  readonly name: string;
  readonly moments: MomentBuilder[];
}

/** What happens, without where and when. */
export type What = Pick<MomentBuilder, 'kind' | 'room'> &
  Partial<Pick<MomentBuilder, 'cause' | 'event' | 'text' | 'seen' | 'ordinal' | 'reason' | 'how'>>;

type Where = Pick<MomentBuilder, 'lifeline' | 'lamport' | 'timeMs' | 'source'>;

/** The next moment of a lifeline. */
export function happens(moments: MomentBuilder[], what: What, { lifeline, lamport, timeMs, source }: Where) {
  const { kind, room, cause, event, text, seen, ordinal, reason, how } = what;
  const position = moments.length + 1;
  // All of one shape, and written out: there may be millions, and objects that are spread are slow to make and to read.
  const moment: MomentBuilder = {
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

/** The moment itself, in the place of its builder; its own index and its cause's must be known. */
export function built(builder: MomentBuilder): Moment {
  const { cause } = builder;
  return Object.assign(builder as Omit<MomentBuilder, 'cause'>, { cause: cause?.index });
}

/** Collects what cannot have been as the logs tell it. */
export class Doubts {
  readonly #moments = new Map<DoubtKind, MomentBuilder[]>();

  add(kind: DoubtKind, moment: MomentBuilder): void {
    this.#moments.set(kind, this.#moments.get(kind) ?? []);
    this.#moments.get(kind)?.push(moment);
  }

  /** One doubt of each kind there is. The moments' indices must be known. */
  all(lifelines: readonly Lifeline[]): Doubt[] {
    return [...this.#moments].map(([kind, moments]) => {
      const first = moments.reduce((earliest, moment) => (moment.index < earliest.index ? moment : earliest));
      const message = messageOf(kind, first, lifelines[first.lifeline]?.name ?? '');
      return { kind, message, moment: first.index, count: moments.length };
    });
  }
}

function messageOf(kind: DoubtKind, { event, kind: what, room, lamport, source }: MomentBuilder, name: string): string {
  const it = event ? `event ${event.sequence} of ${room}` : what;
  const messages: Readonly<Record<DoubtKind, string>> = {
    'no-stamp': `${name} received ${it}, which is in no log of the room`,
    'other-event': `${name} received another ${it} than the others`,
    'time-goes-back': `The Lamport time of ${name} is ${lamport} at ${it}, which is not later than what was before it`,
    circle: `The logs make ${it} at ${name} its own cause`,
  };
  return `${messages[kind]}${source ? ` (${source.file}:${source.line})` : ''}.`;
}
