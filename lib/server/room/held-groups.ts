import type { Resumption, Submission } from '../actors/messages.js';
import type { EncodedEntry } from '../log/event-log.js';
import type { Decided } from './decide-group.js';

/** What became durable of a group, and those who wanted to go on with their sessions meanwhile. */
export interface Committed {
  readonly decided: readonly Decided[];
  readonly entries: readonly EncodedEntry[];
  readonly resumptions: readonly Resumption[];
}

export interface HoldingLimits {
  readonly groupsHeldMax: number;
  readonly participantsPerHeldGroup: number;
}

/** Whether it waits for nothing but the end of the turn. */
export function isUrgent(one: Submission | Resumption): boolean {
  return 'resume' in one || one.draft.kind === 'publish';
}

/**
 * Groups that are durable and not told yet. Where a room has many participants, a group waits for the next one to be told
 * together with it, for that one will be there sooner than everybody could be written to.
 */
export class HeldGroups {
  readonly #limits: HoldingLimits;
  #held: Committed[] = [];
  /** How many in the inlet wait for nothing but the next group. */
  #urgent = 0;

  constructor(limits: HoldingLimits) {
    this.#limits = limits;
  }

  /** It went into the inlet … */
  waits(one: Submission | Resumption): void {
    if (isUrgent(one)) this.#urgent += 1;
  }

  /** … and they are in work. */
  begun(group: readonly (Submission | Resumption)[]): void {
    this.#urgent -= group.filter(isUrgent).length;
  }

  /** What is to be told now that this became durable, to so many: all that is held, or undefined while it is held longer. */
  add(committed: Committed, participants: number): Committed | undefined {
    const { groupsHeldMax, participantsPerHeldGroup } = this.#limits;
    this.#held.push(committed);
    const worthHolding = Math.min(groupsHeldMax, Math.floor(participants / participantsPerHeldGroup));
    if (this.#urgent > 0 && this.#held.length <= worthHolding) return undefined;
    const held = this.#held;
    this.#held = [];
    return {
      decided: held.flatMap(({ decided }) => decided),
      entries: held.flatMap(({ entries }) => entries),
      resumptions: held.flatMap(({ resumptions }) => resumptions),
    };
  }
}
