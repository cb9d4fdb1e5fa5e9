import type { Command } from '../../core/command.js';
import { type Origin, PublishAllowance } from '../access/origin.js';
import { Pace, publishRate } from '../access/pace.js';
import { type Pending, type PendingCommand, type Refusal, rejected } from '../room/pending.js';
import type { SharedCount } from '../room/shared-memory.js';
import type { RoomParts } from './room-parts.js';

export interface RoomAdmissionParts extends Pick<RoomParts, 'limits' | 'time'> {
  /** What came into the room and is not answered yet. */
  readonly unanswered: Unanswered<Pending>;
  readonly isPresent: (session: string) => boolean;
}

/**
 * What may come into one room's inlet [P12]: as much as the room and all rooms together can work off, nothing while the
 * store cannot be written, and of each session no more than it may publish.
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

  /** What keeps a command out before the room decides on it; a publish that comes in has taken its part of the rate. */
  refusalOf(pending: PendingCommand): Refusal | undefined {
    const { limits, time } = this.#parts;
    const full = this.refusalIfFull(pending);
    if (full) return full;
    const nowMs = time.now();
    const sinceMs = nowMs - this.#unwritableAtMs;
    // A clock that was set back says nothing of how long it is: then it is tried.
    if (sinceMs >= 0 && sinceMs < limits.readOnlyMs) return rejected(pending, 'READ_ONLY', limits.readOnlyMs - sinceMs);
    const waitMs = this.#publishWaitMs(pending.command, nowMs);
    return waitMs > 0 ? rejected(pending, 'RATE_LIMITED', waitMs) : undefined;
  }

  /** What keeps anything out while as much waits as may. */
  refusalIfFull(pending: Pending): Refusal | undefined {
    const { limits, unanswered } = this.#parts;
    const isFull = unanswered.size >= limits.inletDraftsMax || unanswered.total >= limits.inletsDraftsMax;
    return isFull ? rejected(pending, 'OVERLOADED', limits.overloadedRetryMs) : undefined;
  }

  /** What the session may publish, as it comes from `origin`; what it had before goes on. */
  allow(session: string, origin: Origin | undefined): void {
    const { limits, time } = this.#parts;
    const before = this.#allowances.get(session);
    const allowance =
      origin?.allowance(time.now(), before) ?? before ?? new PublishAllowance(new Pace(publishRate(limits)), []);
    this.#allowances.set(session, allowance);
  }

  end(session: string): void {
    this.#allowances.delete(session);
  }

  keepOnlyPresent(): void {
    for (const session of this.#allowances.keys()) if (!this.#parts.isPresent(session)) this.end(session);
  }

  storeFailed(): void {
    this.#unwritableAtMs = this.#parts.time.now();
  }

  #publishWaitMs({ kind, session }: Command, nowMs: number): number {
    if (kind !== 'publish') return 0;
    // One of the server's earlier life publishes by calls of its own before it has come back.
    if (!this.#allowances.has(session) && this.#parts.isPresent(session)) this.allow(session, undefined);
    return this.#allowances.get(session)?.take(nowMs) ?? 0;
  }
}

/**
 * The requests of one room that are not answered yet: those in its inlet or in work, and those held back before that.
 * Those of all rooms together are counted in `total`.
 */
export class Unanswered<Request> {
  readonly #requests = new Set<Request>();
  readonly #held = new Set<Request>();
  readonly #total: SharedCount;

  constructor(total: SharedCount) {
    this.#total = total;
  }

  get size(): number {
    return this.#requests.size + this.#held.size;
  }

  /** Of all rooms. */
  get total(): number {
    return this.#total.count;
  }

  add(request: Request): void {
    this.#add(this.#requests, request);
  }

  delete(request: Request): void {
    if (this.#requests.delete(request)) this.#total.count -= 1;
  }

  /** All that are in the inlet or in work, oldest first; there are none from then on. */
  drain(): Request[] {
    return this.#clear(this.#requests);
  }

  /** It is to come in later. */
  hold(request: Request): void {
    this.#add(this.#held, request);
  }

  /** What was held comes in now: from here on it counts where it is added. */
  letIn(): void {
    this.#clear(this.#held);
  }

  #add(requests: Set<Request>, request: Request): void {
    const before = requests.size;
    requests.add(request);
    this.#total.count += requests.size - before;
  }

  #clear(requests: Set<Request>): Request[] {
    const all = [...requests];
    this.#total.count -= all.length;
    requests.clear();
    return all;
  }
}
