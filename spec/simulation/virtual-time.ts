import { Subject, VirtualTimeScheduler } from 'rxjs';
import type { Time } from '../../lib/server/actors/turns.js';

/** Time that passes when the simulation says so. */
export class VirtualTime implements Time {
  readonly scheduler = new VirtualTimeScheduler(undefined, 0);
  readonly #turn$ = new Subject<void>();
  readonly endOfTurn$ = this.#turn$.asObservable();
  readonly #epochMs: number;

  constructor(epochMs: number) {
    this.#epochMs = epochMs;
  }

  readonly now = (): number => this.#epochMs + this.scheduler.frame;

  /** Lets `ms` pass, with all that was to happen in them. */
  advance(ms: number): void {
    const until = this.scheduler.frame + ms;
    this.scheduler.maxFrames = until;
    this.scheduler.flush();
    this.scheduler.frame = until;
  }

  endTurn(): void {
    this.#turn$.next();
  }
}

/** Lets every promise that is settled be heard of. */
export async function settled(): Promise<void> {
  for (let tick = 0; tick < 12; tick += 1) await undefined;
}
