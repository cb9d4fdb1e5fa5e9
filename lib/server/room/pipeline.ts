import {
  catchError,
  defer,
  filter,
  from,
  map,
  type Observable,
  type ObservableInput,
  type OperatorFunction,
  of,
  tap,
} from 'rxjs';
import type { Limits } from '../../core/limits.js';
import { type Group, LogUnwritable } from '../log/event-log.js';
import type { CommittedGroup, GroupDecision } from './decide-group.js';
import { type Grouping, inGroups } from './in-groups.js';
import { isUrgent, type Pending, type PendingCommand, type PendingResume } from './pending.js';

/** What a room does at each stage of its pipeline. */
export interface Stages {
  /** How many commands make a group at most, and when a group that waits begins. */
  readonly grouping: Omit<Grouping<Pending>, 'urgent'>;
  /** The pure fold: stamps in their order what becomes an event, and says what is to be appended. */
  readonly decide: (commands: readonly PendingCommand[]) => GroupDecision;
  /** Emits or resolves once, when the group is durable. */
  readonly append: (group: Group) => ObservableInput<unknown>;
  /**
   * The store took nothing of the group of these commands: the room is to be as it was before they were decided. Emits
   * or resolves once, when it is.
   */
  readonly undo: (commands: readonly PendingCommand[], error: LogUnwritable) => ObservableInput<unknown>;
  /** How many durable groups are held to be delivered together. */
  readonly holding: HoldingLimits;
  /** How many participants listen now: the more, the longer groups are held. */
  readonly listeners: () => number;
  /** Answers the senders and notifies the cursors. */
  readonly deliver: (committed: CommittedGroup) => void;
}

/**
 * The way of every command of a room, from its inlet to all cursors: put into one order, stamped with sequence and
 * Lamport time, made durable, and then delivered to all in that order [P1] [P2] [P4]. Emits each group after it was
 * delivered. Completes when the inlet has completed and all that came in is delivered; errors with what a stage throws,
 * and then decides nothing more. The caller limits how much waits in it.
 */
export function roomPipeline(stages: Stages): OperatorFunction<Pending, CommittedGroup> {
  const held = new HeldGroups(stages.holding);
  return (inlet$) =>
    inlet$.pipe(
      tap((pending) => held.onQueued(pending)),
      // One order: one group at a time is decided and made durable, and what comes meanwhile is the next.
      inGroups(
        (group) => {
          held.onStarted(group);
          return decideAndAppend(group, stages);
        },
        { ...stages.grouping, urgent: isUrgent },
      ),
      // With many participants, durable groups are delivered together.
      map((committed) => held.add(committed, stages.listeners())),
      filter((told) => told !== undefined),
      tap(stages.deliver),
    );
}

/** Emits once, when the events of the commands are durable; nothing is delivered before. */
function decideAndAppend(group: readonly Pending[], { decide, append, undo }: Stages): Observable<CommittedGroup> {
  return defer(() => {
    const commands: PendingCommand[] = [];
    const resumes: PendingResume[] = [];
    for (const pending of group) {
      if ('command' in pending) commands.push(pending);
      else resumes.push(pending);
    }
    const { decisions, group: appended } = decide(commands);
    if (!appended) return of({ decisions, entries: [], resumes });
    return from(append(appended)).pipe(
      map(() => ({ decisions, entries: appended.entries, resumes })),
      catchError((error) => {
        if (!(error instanceof LogUnwritable)) throw error;
        return from(undo(commands, error)).pipe(map(() => ({ decisions: [], entries: [], resumes })));
      }),
    );
  });
}

export type HoldingLimits = Pick<Limits, 'groupsHeldMax' | 'participantsPerHeldGroup'>;

/**
 * Groups that are durable and not told yet. Where a room has many participants, a group waits for the next one to be
 * told together with it, for that one will be there sooner than all could be written to.
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

  /** These are being decided now. */
  onStarted(group: readonly Pending[]): void {
    for (const pending of group) if (isUrgent(pending)) this.#urgent -= 1;
  }

  /**
   * A group became durable. Returns what to deliver to `participants` listeners now: all that is held, or undefined
   * while it is held longer.
   */
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
