import type { CommittedGroup } from './decide-group.js';
import { isUrgent, type Pending } from './pending.js';

export interface HoldingLimits {
  readonly groupsHeldMax: number;
  readonly participantsPerHeldGroup: number;
}

/**
 * Groups that are durable and not told yet. Where a room has many participants, a group waits for the next one to be told
 * together with it, for that one will be there sooner than everybody could be written to.
 */
export class HeldGroups {
  readonly #limits: HoldingLimits;
  #held: CommittedGroup[] = [];
  /** How many in the inlet wait for nothing but the next group. */
  #urgent = 0;

  constructor(limits: HoldingLimits) {
    this.#limits = limits;
  }

  /** It went into the inlet … */
  onQueued(pending: Pending): void {
    if (isUrgent(pending)) this.#urgent += 1;
  }

  /** … and they are in work. */
  onStarted(group: readonly Pending[]): void {
    for (const pending of group) if (isUrgent(pending)) this.#urgent -= 1;
  }

  /** What is to be told now that this became durable, to so many: all that is held, or undefined while it is held longer. */
  add(committed: CommittedGroup, participants: number): CommittedGroup | undefined {
    const { groupsHeldMax, participantsPerHeldGroup } = this.#limits;
    this.#held.push(committed);
    const worthHolding = Math.min(groupsHeldMax, Math.floor(participants / participantsPerHeldGroup));
    if (this.#urgent > 0 && this.#held.length <= worthHolding) return undefined;
    const held = this.#held;
    this.#held = [];
    if (held.length === 1) return committed;
    return {
      decisions: held.flatMap(({ decisions }) => decisions),
      entries: held.flatMap(({ entries }) => entries),
      resumes: held.flatMap(({ resumes }) => resumes),
    };
  }
}
