import type { Limits } from '../../core/limits.js';
import type { Rejection, RejectionReason } from '../../core/rejection.js';

const windowMs = 1_000;

/** Told at once, by what the server has to spare, and not by the room when it decides. */
const toldAtOnce: ReadonlySet<RejectionReason> = new Set(['RATE_LIMITED', 'OVERLOADED']);

/** `refusalsPerStreamPerSecondMax`: from so many refusals in a second on a stream rests; 0: any number. */
export type RefusalLimits = Pick<Limits, 'refusalsPerStreamPerSecondMax' | 'publishBurstMax' | 'publishesPerSecondMax'>;

/** How many requests of one stream were refused within a second that began with the first of them. */
export class RefusalWindow {
  readonly #limits: RefusalLimits;
  #beganAtMs = Number.NEGATIVE_INFINITY;
  #refusals = 0;
  #decided = 0;
  #suspectUntilMs = Number.NEGATIVE_INFINITY;

  constructor(limits: RefusalLimits) {
    this.#limits = limits;
  }

  /** One more was refused: how long to read nothing from the stream, in milliseconds; 0 within the limit. */
  refused(refusal: Pick<Rejection, 'reason' | 'retryAfterMs'>, nowMs: number): number {
    const { refusalsPerStreamPerSecondMax: refusalsMax } = this.#limits;
    if (refusalsMax === 0) return 0;
    // A clock that was set back begins another second.
    if (nowMs < this.#beganAtMs || nowMs >= this.#beganAtMs + windowMs) {
      this.#beganAtMs = nowMs;
      this.#refusals = 0;
      this.#decided = 0;
    }
    this.#refusals += 1;
    if (!toldAtOnce.has(refusal.reason)) this.#decided += 1;
    if (this.#decided >= refusalsMax) this.#suspectUntilMs = this.#beganAtMs + 2 * windowMs;
    if (this.#refusals < refusalsMax) return 0;
    return Math.min(this.#beganAtMs + windowMs - nowMs, this.#usefulRestMs(refusal));
  }

  /**
   * Whether the next requests, of which so many wait for their room's answer, should be answered before more are read:
   * in this second or the one before rooms have refused as many as the limit, and these may be refused as well.
   * Refusals that are answered at once do not count: they never wait in numbers, and a client that was only too fast
   * may have the rest accepted, as many at a time as a commit takes.
   */
  shouldWait(undecided: number, nowMs: number): boolean {
    return nowMs < this.#suspectUntilMs && undecided >= this.#limits.refusalsPerStreamPerSecondMax;
  }

  /** How long a rest keeps out nothing that would be accepted, in milliseconds: an honest client loses nothing. */
  #usefulRestMs({ reason, retryAfterMs }: Pick<Rejection, 'reason' | 'retryAfterMs'>): number {
    // What may be published gathers while the stream rests, up to the burst; half of it leaves time for a late timer.
    if (reason === 'RATE_LIMITED') return Math.ceil(allowanceMs(this.#limits) / 2);
    return retryAfterMs > 0 ? retryAfterMs : windowMs;
  }
}

/**
 * How long it takes until a session that may publish nothing more may publish all of its burst again, in milliseconds.
 * Without a rate nothing is limited by it.
 */
export function allowanceMs({
  publishBurstMax,
  publishesPerSecondMax,
}: Omit<RefusalLimits, 'refusalsPerStreamPerSecondMax'>): number {
  if (publishesPerSecondMax === 0) return windowMs;
  return Math.max(1, Math.floor((publishBurstMax * 1_000) / publishesPerSecondMax));
}
