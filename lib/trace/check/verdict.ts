import type { Source } from '../history/logs/source.js';

/** The promises that logs can show kept or broken. P10 to P12 are of limits and refusals; logs tell little of them. */
export type PromiseId = 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6' | 'P7' | 'P8' | 'P9';

/** What the promises say, in the words of a person. */
export const promises: Readonly<Record<PromiseId, string>> = {
  P1: 'everybody has the same event at each place of the history',
  P2: 'events are received in their order',
  P3: 'nothing is missed between the first and the last, and nothing comes twice',
  P4: 'what was acknowledged, or seen by anybody, stays in the history of all',
  P5: 'what is sent again is published once',
  P6: 'everybody’s own messages keep their order, and stand after what their author had received',
  P7: 'Lamport times rise along the history, after each sender’s, and at each client',
  P8: 'each visit begins with one joining and ends with one leaving',
  P9: 'nothing comes from nowhere: all was asked for, as it stands there',
};

export const promiseIds = Object.keys(promises) as PromiseId[];

/** What logs say of the promises. */
export interface Verdict {
  /** `incomplete`: nothing that the logs tell is against a promise, and they do not tell all. */
  readonly end: 'done' | 'violated' | 'incomplete';
  /** What the judgements are about. */
  readonly seen: Seen;
  readonly judgements: readonly Judgement[];
  /** The first one first. */
  readonly counterexamples: readonly Counterexample[];
  /** Whether there may be more of them: of many alike only the first ones are kept. */
  readonly more: boolean;
  /** What the logs leave open. */
  readonly unknowns: readonly Unknown[];
  /** What they show, in sentences. */
  readonly statements: readonly string[];
}

/** What was judged. With no event nothing was. */
export interface Seen {
  /** Events that the logs show to have been received. */
  readonly events: number;
  /** Participants whose logs are there, of all that the logs know of; each counts once in each history of a room. */
  readonly witnesses: number;
  readonly participants: number;
}

/** Of one promise. `unknown`: nothing of the logs is against it, and they do not tell all. */
export interface Judgement {
  readonly promise: PromiseId;
  readonly state: 'kept' | 'broken' | 'unknown';
}

/** Something that happened and was promised not to. */
export interface Counterexample {
  readonly promise: PromiseId;
  readonly message: string;
  /** The lines that show it: first that which stands against the promise, then those it is held against. */
  readonly lines: readonly Source[];
}

/** Something that the logs do not tell, and the promises about which nobody can say therefore that all was kept. */
export interface Unknown {
  readonly message: string;
  readonly promises: readonly PromiseId[];
}

/** The verdict on `promises`, by what was found. */
export function verdictOf(
  found: Omit<Verdict, 'end' | 'judgements'>,
  promises: readonly PromiseId[] = promiseIds,
): Verdict {
  const { counterexamples, unknowns } = found;
  const broken = new Set(counterexamples.map(({ promise }) => promise));
  const open = new Set(unknowns.flatMap((unknown) => unknown.promises));
  const state = (promise: PromiseId) => (broken.has(promise) ? 'broken' : open.has(promise) ? 'unknown' : 'kept');
  const end = counterexamples.length > 0 ? 'violated' : unknowns.length > 0 ? 'incomplete' : 'done';
  return { end, judgements: promises.map((promise) => ({ promise, state: state(promise) })), ...found };
}
