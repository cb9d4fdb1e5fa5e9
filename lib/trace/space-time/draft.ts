import type { Moment } from './space-time.js';

/** A moment whose place among all moments is not known yet: its cause is told by itself, and its level is 0. */
export type Draft = { -readonly [Key in keyof Omit<Moment, 'cause' | 'index'>]: Moment[Key] } & {
  cause: Draft | undefined;
};

/** A lifeline while it is built: its moments in their own order. */
export interface DraftLine {
  readonly kind: 'room' | 'client';
  readonly name: string;
  readonly moments: Draft[];
}
