import { type Subscription, timer } from 'rxjs';
import type { Limits } from '../../core/limits.js';
import { Progress } from '../access/progress.js';
import type { Wait } from './messages.js';
import type { Peer } from './peer.js';
import type { Time } from './time.js';

export interface StreamWaitsParts {
  readonly peer: Pick<Peer, 'taken'>;
  readonly limits: Pick<Limits, 'writeBytesMax' | 'stallBytesPerSecondMin'>;
  readonly time: Pick<Time, 'scheduler'>;
}

interface UnderWay {
  readonly ms: number;
  readonly timer: Subscription;
  readonly progress: Progress | undefined;
}

/** What one stream is waited for, each wait with its end: when that comes, `overdue` is called once. */
export class StreamWaits {
  readonly #parts: StreamWaitsParts;
  readonly #overdue: (wait: Wait) => void;
  readonly #underWay = new Map<Wait, UnderWay>();

  constructor(parts: StreamWaitsParts, overdue: (wait: Wait) => void) {
    this.#parts = parts;
    this.#overdue = overdue;
  }

  /** Nothing happens where it is under way. */
  start(wait: Wait, ms: number): void {
    if (!this.#underWay.has(wait)) this.#start(wait, ms, this.#newProgress(wait));
  }

  /** Whether it was under way. */
  stop(wait: Wait): boolean {
    this.#underWay.get(wait)?.timer.unsubscribe();
    return this.#underWay.delete(wait);
  }

  stopAll(): void {
    for (const wait of [...this.#underWay.keys()]) this.stop(wait);
  }

  /** An overdue wait for a far end to take what waits for it: starts anew where it took enough of that meanwhile. */
  goesOn(wait: Wait): boolean {
    const { ms, progress } = this.#underWay.get(wait) ?? {};
    if (ms === undefined || !progress?.goesOn(ms)) return false;
    this.#start(wait, ms, progress);
    return true;
  }

  #start(wait: Wait, ms: number, progress: Progress | undefined): void {
    const { scheduler } = this.#parts.time;
    this.#underWay.set(wait, { ms, timer: timer(ms, scheduler).subscribe(() => this.#overdue(wait)), progress });
  }

  #newProgress(wait: Wait): Progress | undefined {
    if (wait !== 'stall' && wait !== 'linger') return undefined;
    const { peer, limits } = this.#parts;
    return new Progress({ limits, taken: () => peer.taken, waiting: 2 * limits.writeBytesMax });
  }
}
