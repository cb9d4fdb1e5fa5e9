import type { MomentBuilder } from './moment-builder.js';
import type { Doubt, DoubtKind, Lifeline } from './space-time.js';

/** Collects what cannot have been as the logs tell it. */
export class Doubts {
  readonly #moments = new Map<DoubtKind, MomentBuilder[]>();

  add(kind: DoubtKind, moment: MomentBuilder): void {
    const moments = this.#moments.get(kind) ?? [];
    this.#moments.set(kind, moments);
    moments.push(moment);
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

function messageOf(kind: DoubtKind, moment: MomentBuilder, name: string): string {
  const { event, room, lamport, source } = moment;
  const what = event ? `event ${event.sequence} of ${room}` : moment.kind;
  const where = source ? ` (${source.file}:${source.line})` : '';
  switch (kind) {
    case 'no-stamp':
      return `${name} received ${what}, which is in no log of the room${where}.`;
    case 'other-event':
      return `${name} received another ${what} than the others${where}.`;
    case 'time-goes-back':
      return `The Lamport time of ${name} is ${lamport} at ${what}, which is not later than what was before it${where}.`;
    case 'circle':
      return `The logs make ${what} at ${name} its own cause${where}.`;
  }
}
