import type { Moment } from './space-time.js';

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
  Partial<Omit<MomentBuilder, 'kind' | 'room' | 'index' | 'lifeline' | 'position' | 'lamport' | 'level'>>;

/** The next moment of a lifeline. */
export function happens(
  moments: MomentBuilder[],
  { kind, room, cause, event, text, seen, ordinal, reason, how, timeMs, source }: What,
  { lifeline, lamport }: Pick<MomentBuilder, 'lifeline' | 'lamport'>,
): MomentBuilder {
  const position = moments.length + 1;
  // All of one shape: there may be millions.
  const moment = {
    ...{ index: 0, kind, lifeline, position, lamport, level: 0, cause, event, text, seen, ordinal, reason, how },
    ...{ room, timeMs, source },
  };
  moments.push(moment);
  return moment;
}

/** The moment itself, in the place of its builder; its own index and its cause's must be known. */
export function built(builder: MomentBuilder): Moment {
  const { cause } = builder;
  return Object.assign(builder as Omit<MomentBuilder, 'cause'>, { cause: cause?.index });
}
