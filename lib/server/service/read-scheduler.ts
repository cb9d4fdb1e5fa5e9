import type { Limits } from '../../core/limits.js';
import { RoundRobin } from './round-robin.js';

/** A connection, as the key under which its reads take turns and have their budget. */
export type ConnectionKey = object | string;

/** What a read says of its progress. */
export interface ReadTurn {
  /** There is more to do: another step, please. */
  more(): void;
  /** The reply was handed on, and so many bytes of it are not taken yet. */
  replied(bytes: number): void;
}

/** Reading something for a call, as work in steps. */
export interface Read {
  readonly connection: ConnectionKey;
  /** What counts as one address, of which the connection is one. */
  readonly address: string;
  /** The most bytes its reply will have: kept free of other replies as long as it is being made. */
  readonly bytesMax: number;
  /** Does a bounded part of the work, and says how it goes: at once, or when it knows. Must not throw. */
  step(turn: ReadTurn): void;
}

interface Job {
  readonly connection: ConnectionKey;
  readonly address: string;
  /** Until its reply was handed on, which it would hold once more. */
  read: Read | undefined;
  /** What it has of the budget, in bytes. */
  held: number;
  state: 'waiting' | 'begun' | 'over';
}

/**
 * Decides when reads are done, so that they delay other work by no more than a moment: one step in each turn of the
 * event loop, and between two steps all other work. Connections take turns. A read begins only where its reply has room
 * in the budgets of its connection and its address and in the one over all, and a read that has begun is finished
 * first; so nothing is read from a store for a peer that has not taken what it was sent [P10] [P12].
 */
export class ReadScheduler {
  readonly #waiting: RoundRobin<ConnectionKey, Job>;
  readonly #budget: ReplyBudget<ConnectionKey>;
  readonly #addressBudget: ReplyBudget<string>;
  readonly #waitingPerAddress = new Map<string, number>();
  readonly #waitingPerAddressMax: number;
  readonly #nextTurn: (turn: () => void) => void;
  /** Begun, and to be gone on with: more than one only where a step was waited for. */
  readonly #goingOn: Job[] = [];
  #turnComes = false;

  /** `nextTurn` runs a function once, after the event loop has looked for what came meanwhile. */
  constructor(limits: Limits, nextTurn: (turn: () => void) => void) {
    this.#waiting = new RoundRobin(limits.readsWaitingPerConnectionMax, limits.readsWaitingMax);
    this.#budget = new ReplyBudget(limits.replyBytesPerConnectionMax, limits.replyBytesMax);
    this.#addressBudget = new ReplyBudget(limits.replyBytesPerAddressMax, limits.replyBytesMax);
    this.#waitingPerAddressMax = limits.readsWaitingPerAddressMax;
    this.#nextTurn = nextTurn;
  }

  /**
   * Undefined where as many reads wait as may [P12]; else what is to be called when the call is over, however it ended:
   * its reply was taken, or its client no longer waits.
   */
  add(read: Read): (() => void) | undefined {
    const { connection, address } = read;
    const job: Job = { connection, address, read, held: 0, state: 'waiting' };
    const waiting = this.#waitingPerAddress.get(address) ?? 0;
    if (waiting >= this.#waitingPerAddressMax || !this.#waiting.add(connection, job)) return undefined;
    this.#waitingPerAddress.set(address, waiting + 1);
    this.#comeAgain();
    return () => this.#over(job);
  }

  #comeAgain(): void {
    if (this.#turnComes || (this.#goingOn.length === 0 && this.#waiting.size === 0)) return;
    this.#turnComes = true;
    this.#nextTurn(() => {
      this.#turnComes = false;
      const job = this.#goingOn.shift() ?? this.#begin();
      // Nothing may begin: what becomes free calls for the next turn.
      if (!job) return;
      this.#step(job);
      this.#comeAgain();
    });
  }

  #begin(): Job | undefined {
    const bytesMax = (job: Job): number => job.read?.bytesMax ?? 0;
    const job = this.#waiting.next(
      (connection, one) =>
        this.#budget.allows(connection, bytesMax(one)) && this.#addressBudget.allows(one.address, bytesMax(one)),
    );
    if (!job) return undefined;
    this.#waitsNoLonger(job);
    job.state = 'begun';
    this.#hold(job, bytesMax(job));
    return job;
  }

  #step(job: Job): void {
    if (job.state !== 'begun') return;
    job.read?.step({
      more: () => {
        if (job.state !== 'begun') return;
        this.#goingOn.push(job);
        this.#comeAgain();
      },
      replied: (bytes) => {
        if (job.state !== 'begun') return;
        job.read = undefined;
        this.#hold(job, bytes);
        this.#comeAgain();
      },
    });
  }

  #over(job: Job): void {
    if (job.state === 'waiting') {
      this.#waiting.remove(job.connection, job);
      this.#waitsNoLonger(job);
    }
    job.state = 'over';
    job.read = undefined;
    this.#hold(job, 0);
    this.#comeAgain();
  }

  #waitsNoLonger({ address }: Job): void {
    const waiting = (this.#waitingPerAddress.get(address) ?? 0) - 1;
    if (waiting > 0) this.#waitingPerAddress.set(address, waiting);
    else this.#waitingPerAddress.delete(address);
  }

  #hold(job: Job, bytes: number): void {
    this.#budget.add(job.connection, bytes - job.held);
    this.#addressBudget.add(job.address, bytes - job.held);
    job.held = bytes;
  }
}

/**
 * Bytes of replies that were made, or are being made, and are not taken yet: a budget for each connection and one over
 * all [P12]. A key that holds nothing is allowed one reply of any size as long as the whole has room, and the first of
 * all is always allowed: a reply larger than its budget is late then, and not impossible.
 */
export class ReplyBudget<Key> {
  readonly #perKeyMax: number;
  readonly #allMax: number;
  readonly #perKey = new Map<Key, number>();
  #held = 0;

  /** Bytes for one key, and for all together. */
  constructor(perKeyMax: number, allMax: number) {
    this.#perKeyMax = perKeyMax;
    this.#allMax = allMax;
  }

  /** What all hold, in bytes. */
  get held(): number {
    return this.#held;
  }

  heldBy(key: Key): number {
    return this.#perKey.get(key) ?? 0;
  }

  /** Whether `key` may hold so many bytes more. */
  allows(key: Key, bytes: number): boolean {
    const held = this.heldBy(key);
    return (held === 0 || held + bytes <= this.#perKeyMax) && (this.#held === 0 || this.#held + bytes <= this.#allMax);
  }

  /** `key` holds so many bytes more; fewer, where it is negative. */
  add(key: Key, bytes: number): void {
    const held = this.heldBy(key) + bytes;
    this.#held += bytes;
    if (held > 0) this.#perKey.set(key, held);
    else this.#perKey.delete(key);
  }
}
