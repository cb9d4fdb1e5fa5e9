import type { MomentBuilder } from './moment-builder.js';
import type { Doubt, DoubtKind, Lifeline } from './space-time.js';

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
