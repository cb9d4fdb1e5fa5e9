import type { ClientJournal } from '../codec/log-records.js';
import { BackOff } from './back-off.js';
import type { Status } from './chat-client.js';
import { type Entered, type Entrance, SessionGone } from './entrance.js';
import { CannotConnect, Refused, VisitOver } from './errors.js';
import type { Intake } from './intake.js';
import { clientLimits } from './limits.js';
import { isPassing } from './passing.js';
import type { Pause } from './pause.js';

export interface ComebackParts {
  readonly room: string;
  readonly name: string;
  /** How long it is tried. */
  readonly offlineMsMax: number;
  readonly entrance: Pick<Entrance, 'enter'>;
  readonly intake: Pick<Intake, 'place'>;
  readonly journal: ClientJournal;
  readonly random: () => number;
  readonly pause: Pause;
  /** Aborted when the visit is over. */
  readonly over: AbortSignal;
  readonly leaving: () => boolean;
  readonly tell: (status: Status) => void;
}

/** The way back into a room for a visit that has lost its connection. */
export class Comeback {
  readonly #parts: ComebackParts;
  readonly #backOff: BackOff;

  constructor(parts: ComebackParts) {
    this.#parts = parts;
    this.#backOff = new BackOff(clientLimits, parts.random);
  }

  /** The connection was a good one: the next loss begins with the shortest pauses. */
  settled(): void {
    this.#backOff.reset();
  }

  /** Tries again until it is in, or has to end with a last status; undefined where the visit was ended meanwhile. */
  async enter(lost: string): Promise<Entered | Status | undefined> {
    const { offlineMsMax, entrance, over, tell } = this.#parts;
    const sinceMs = Date.now();
    const since = performance.now();
    let reason = lost;
    let waitMs = this.#backOff.next();
    this.#record(lost);
    for (;;) {
      const leftMs = offlineMsMax - (performance.now() - since);
      if (leftMs <= 0) return { state: 'ended', reason: `${reason} It was tried for ${offlineMsMax / 1000} s.` };
      await this.#wait(Math.min(waitMs, leftMs), sinceMs, reason);
      if (over.aborted) return undefined;
      tell({ state: 'connecting', sinceMs });
      try {
        return await entrance.enter();
      } catch (error) {
        if (over.aborted) return undefined;
        const last = lastStatus(error);
        if (last) return last;
        reason = sentence(error);
        waitMs = Math.max(this.#backOff.next(), error instanceof Refused ? error.rejection.retryAfterMs : 0);
      }
    }
  }

  async #wait(ms: number, sinceMs: number, reason: string): Promise<void> {
    const { pause, leaving, tell } = this.#parts;
    // Who wants to leave has not much time.
    const pauseMs = leaving() ? Math.min(ms, clientLimits.backOffMsMin) : ms;
    tell({ state: 'offline', sinceMs, retryAtMs: Date.now() + pauseMs, reason });
    await pause.wait(pauseMs);
  }

  #record(reason: string): void {
    const { name: participant, room, intake, journal } = this.#parts;
    const { logId, sequence } = intake.place;
    journal.warn('offline', { participant, room, logId, sequence, reason });
  }
}

/** How a visit ends that could not enter because of `error`; undefined where it makes sense to try again. */
export function lastStatus(error: unknown): Status | undefined {
  if (error instanceof SessionGone) return { state: 'left' };
  if (error instanceof VisitOver) return { state: 'ended', reason: error.message };
  if (error instanceof CannotConnect) return undefined;
  if (!(error instanceof Refused)) throw error;
  const { reason, detail } = error.rejection;
  // A seat may become free.
  return isPassing(reason) || reason === 'ROOM_FULL' ? undefined : { state: 'ended', reason: detail };
}

/** Why, for people. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;
}
