import { type Subscription, timer } from 'rxjs';
import { Progress } from '../access/progress.js';
import type { Wait } from './messages.js';
import type { StreamParts } from './peer.js';

interface UnderWay {
  readonly ms: number;
  readonly timer: Subscription;
  readonly progress: Progress | undefined;
}

/** What one stream is waited for, each wait with its end: when that comes, `overdue` is called once. */
export class StreamWaits {
  readonly #parts: Pick<StreamParts, 'peer' | 'limits' | 'time'>;
  readonly #overdue: (wait: Wait) => void;
  readonly #underWay = new Map<Wait, UnderWay>();
  #over = false;

  constructor(parts: Pick<StreamParts, 'peer' | 'limits' | 'time'>, overdue: (wait: Wait) => void) {
    this.#parts = parts;
    this.#overdue = overdue;
  }

  /** Nothing happens where it is under way, or the stream is over. */
  start(wait: Wait, ms: number, progress = this.#newProgress(wait)): void {
    if (this.#over || this.#underWay.has(wait)) return;
    const overdue = () => this.#overdue(wait);
    this.#underWay.set(wait, { ms, timer: timer(ms, this.#parts.time.scheduler).subscribe(overdue), progress });
  }

  /** Whether any of them was under way. */
  stop(...waits: readonly Wait[]): boolean {
    for (const wait of waits) this.#underWay.get(wait)?.timer.unsubscribe();
    return waits.filter((wait) => this.#underWay.delete(wait)).length > 0;
  }

  end(): void {
    this.#over = true;
    this.stop(...this.#underWay.keys());
  }

  /** An overdue wait for a far end to take what waits for it: starts anew where it took enough of that meanwhile. */
  goesOn(wait: Wait): boolean {
    const { ms, progress } = this.#underWay.get(wait) ?? {};
    if (ms === undefined || !progress?.goesOn(ms)) return false;
    this.stop(wait);
    this.start(wait, ms, progress);
    return true;
  }

  #newProgress(wait: Wait): Progress | undefined {
    if (wait !== 'stall' && wait !== 'linger') return undefined;
    const { peer, limits } = this.#parts;
    return new Progress({ limits, taken: () => peer.taken, waiting: 2 * limits.writeBytesMax });
  }
}
