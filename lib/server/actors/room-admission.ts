import { type Command, ordinalOf } from '../../core/command.js';
import type { Limits } from '../../core/limits.js';
import { type Rejection, rejection } from '../../core/rejection.js';
import { type Origin, PublishAllowance } from '../access/origin.js';
import { Pace } from '../access/pace.js';
import { publishRate } from '../access/rates.js';
import type { Pending } from '../room/pending.js';
import type { Unanswered } from '../room/unanswered.js';
import type { Time } from './time.js';

export interface RoomAdmissionParts {
  readonly limits: Limits;
  readonly time: Time;
  /** What came into the room and is not answered yet. */
  readonly unanswered: Pick<Unanswered<Pending>, 'size' | 'total'>;
}

/**
 * What may come into one room's inlet [P12]: as much as the room and all rooms together can work off, nothing while the store
 * cannot be written, and of each session no more than it may publish.
 */
export class RoomAdmission {
  readonly #parts: RoomAdmissionParts;
  /** Of each session that is in the room or about to be, by its id. */
  readonly #allowances = new Map<string, PublishAllowance>();
  /** When the store could last not be written. */
  #unwritableAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: RoomAdmissionParts) {
    this.#parts = parts;
  }

  /** What keeps a command out before the room has decided on it; a publish that may come in has taken its part of the rate. */
  refusalOf(command: Command, isPresent: (session: string) => boolean): Rejection | undefined {
    const { limits, time } = this.#parts;
    const full = this.refusalIfFull(ordinalOf(command));
    if (full) return full;
    const nowMs = time.now();
    const sinceMs = nowMs - this.#unwritableAtMs;
    // A clock that was set back says nothing of how long it is: then it is tried.
    if (sinceMs >= 0 && sinceMs < limits.readOnlyMs)
      return rejection('READ_ONLY', ordinalOf(command), limits.readOnlyMs - sinceMs);
    if (command.kind !== 'publish') return undefined;
    // One of the server's earlier life publishes by calls of its own before it has come back.
    if (!this.#allowances.has(command.session) && isPresent(command.session)) this.allow(command.session, undefined);
    const waitMs = this.#allowances.get(command.session)?.take(nowMs) ?? 0;
    return waitMs > 0 ? rejection('RATE_LIMITED', command.ordinal, waitMs) : undefined;
  }

  /** What keeps anything out while as much waits as may. */
  refusalIfFull(ordinal: number): Rejection | undefined {
    const { limits, unanswered } = this.#parts;
    const isFull = unanswered.size >= limits.inletDraftsMax || unanswered.total >= limits.inletsDraftsMax;
    return isFull ? rejection('OVERLOADED', ordinal, limits.overloadedRetryMs) : undefined;
  }

  /** What the session may publish, as it comes from `origin`; what it had before goes on. */
  allow(session: string, origin: Origin | undefined): void {
    const { limits, time } = this.#parts;
    const before = this.#allowances.get(session);
    const allowance =
      origin?.allowance(time.now(), before) ?? before ?? new PublishAllowance(new Pace(publishRate(limits)), []);
    this.#allowances.set(session, allowance);
  }

  /** The session is over. */
  end(session: string): void {
    this.#allowances.delete(session);
  }

  /** All others are over. */
  keepOnly(isPresent: (session: string) => boolean): void {
    for (const session of this.#allowances.keys()) if (!isPresent(session)) this.#allowances.delete(session);
  }

  /** The store could not be written just now. */
  storeFailed(): void {
    this.#unwritableAtMs = this.#parts.time.now();
  }
}
