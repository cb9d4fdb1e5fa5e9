import { type SchedulerLike, type Subscription, timer } from 'rxjs';
import type { PendingCommand } from './pending.js';

export interface PendingLeavesOptions {
  /** How long a leave is kept before it is tried again, in milliseconds. */
  readonly retryMs: number;
  readonly scheduler: SchedulerLike;
  readonly retry: (owed: PendingCommand) => void;
}

/** Leaves of participants that are gone, which the event log could not take yet: at most one for each session [P8]. */
export class PendingLeaves {
  readonly #options: PendingLeavesOptions;
  readonly #bySession = new Map<string, PendingCommand>();
  #wait: Subscription | undefined;

  constructor(options: PendingLeavesOptions) {
    this.#options = options;
  }

  /** Keeps a leave until it is time to try again. */
  add(owed: PendingCommand): void {
    const { retryMs, scheduler, retry } = this.#options;
    // The first has the reason: whose stream is lost after he asked to leave has still asked.
    if (!this.#bySession.has(owed.command.session)) this.#bySession.set(owed.command.session, owed);
    this.#wait ??= timer(retryMs, scheduler).subscribe(() => {
      this.#wait = undefined;
      const all = [...this.#bySession.values()];
      this.#bySession.clear();
      for (const one of all) retry(one);
    });
  }

  /** Whether a leave of the session is kept. */
  has(session: string): boolean {
    return this.#bySession.has(session);
  }

  /** The session goes on: nothing is owed for it. */
  cancel(session: string): void {
    this.#bySession.delete(session);
  }

  /** Tries nothing again. */
  close(): void {
    this.#wait?.unsubscribe();
  }
}
