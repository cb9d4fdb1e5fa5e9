import type { Draft } from './draft.js';
import type { Doubt, DoubtKind } from './space-time.js';

/** Collects what cannot have been as the logs tell it. */
export class Doubts {
  readonly #moments = new Map<DoubtKind, Draft[]>();

  add(kind: DoubtKind, moment: Draft): void {
    const moments = this.#moments.get(kind) ?? [];
    this.#moments.set(kind, moments);
    moments.push(moment);
  }

  /** One doubt of each kind there is. `place`: where a moment stands; `names`: the lifelines' by their numbers. */
  told(place: ReadonlyMap<Draft, number>, names: readonly string[]): Doubt[] {
    return [...this.#moments].map(([kind, moments]) => {
      let first = moments[0] as Draft;
      for (const moment of moments) if (at(place, moment) < at(place, first)) first = moment;
      const message = messageOf(kind, first, names[first.lifeline] ?? '');
      return { kind, message, moment: at(place, first), count: moments.length };
    });
  }
}

function at(place: ReadonlyMap<Draft, number>, moment: Draft): number {
  return place.get(moment) ?? Number.POSITIVE_INFINITY;
}

function messageOf(kind: DoubtKind, moment: Draft, name: string): string {
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
