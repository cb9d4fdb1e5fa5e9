import type { Limits } from '../../core/limits.js';

/** So many a second in the long run, and `burst` at once. `perSecond` 0 sets no rate. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Less than this is what adding and subtracting fractions leaves, in milliseconds. */
const nothingMs = 1e-6;

/**
 * What is left of a rate, by how long it takes until all of its burst is there again (the generic cell rate algorithm,
 * ITU-T I.371). It may be overdrawn: a taker of what is not there yet waits for it, and the takers after it wait
 * longer. A clock that was set back gives nothing, and takes nothing.
 */
export class Pace {
  readonly #rate: Rate;
  #emptyForMs = 0;
  #asOfMs = Number.NEGATIVE_INFINITY;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** How long it is until one more is there, in milliseconds; 0 if there is one. */
  dueInMs(nowMs: number): number {
    const { perSecond, burst } = this.#rate;
    if (perSecond === 0) return 0;
    this.#goOn(nowMs);
    const dueInMs = this.#emptyForMs - ((burst - 1) * 1000) / perSecond;
    return dueInMs > nothingMs ? dueInMs : 0;
  }

  /** Takes one, whether it is there or not. */
  take(nowMs: number): void {
    const { perSecond } = this.#rate;
    if (perSecond === 0) return;
    this.#goOn(nowMs);
    this.#emptyForMs += 1000 / perSecond;
  }

  /** Takes one if it is there: 0, or how long it is until there is, in whole milliseconds. */
  takeDue(nowMs: number): number {
    const dueInMs = Math.ceil(this.dueInMs(nowMs));
    if (dueInMs === 0) this.take(nowMs);
    return dueInMs;
  }

  /** Whether it is as if nothing had ever been taken. */
  isFull(nowMs: number): boolean {
    this.#goOn(nowMs);
    return this.#emptyForMs === 0;
  }

  /** Which of two has less left. */
  isEmptierThan(other: Pace, nowMs: number): boolean {
    this.#goOn(nowMs);
    other.#goOn(nowMs);
    return this.#emptyForMs > other.#emptyForMs;
  }

  #goOn(nowMs: number): void {
    if (nowMs > this.#asOfMs) this.#emptyForMs = Math.max(0, this.#emptyForMs - (nowMs - this.#asOfMs));
    this.#asOfMs = nowMs;
  }
}

/** What an address, and each of its connections, may do so many times a second. */
export type Deed = 'connection' | 'join' | 'resume' | 'read' | 'refusal' | 'publish' | 'room';

export type Rates = Readonly<Record<Deed, Rate>>;

/** What all of an address may do together. */
export function addressRates(limits: Limits): Rates {
  return {
    connection: { perSecond: limits.connectionsPerSecondMax, burst: limits.connectionBurstMax },
    join: { perSecond: limits.joinsPerSecondMax, burst: limits.joinBurstMax },
    resume: { perSecond: limits.resumesPerSecondMax, burst: limits.resumeBurstMax },
    read: { perSecond: limits.readsPerSecondMax, burst: limits.readBurstMax },
    refusal: { perSecond: limits.refusalsPerSecondMax, burst: limits.refusalBurstMax },
    room: { perSecond: limits.roomsBegunPerMinuteMax / 60, burst: limits.roomsBegunBurstMax },
    publish: times(publishRate(limits), limits.publishAllowancesPerAddress),
  };
}

/** What one connection may do, so that it does not alone keep the others of its address waiting. */
export function connectionRates(limits: Limits): Rates {
  const all = addressRates(limits);
  const part = (rate: Rate) => times(rate, 1 / limits.connectionsPerRate);
  return {
    ...all,
    join: part(all.join),
    resume: part(all.resume),
    read: part(all.read),
    refusal: part(all.refusal),
    publish: times(publishRate(limits), limits.publishAllowancesPerConnection),
  };
}

/** What one session may publish. */
export function publishRate(limits: Limits): Rate {
  return { perSecond: limits.publishesPerSecondMax, burst: limits.publishBurstMax };
}

function times({ perSecond, burst }: Rate, factor: number): Rate {
  return { perSecond: perSecond * factor, burst: Math.max(1, Math.floor(burst * factor)) };
}

/** The paces of one address, or of one connection, each from its first use on. */
export class Paces {
  readonly #rates: Rates;
  #paces: Map<Deed, Pace> | undefined;

  constructor(rates: Rates) {
    this.#rates = rates;
  }

  of(deed: Deed): Pace {
    this.#paces ??= new Map();
    const pace = this.#paces.get(deed) ?? new Pace(this.#rates[deed]);
    this.#paces.set(deed, pace);
    return pace;
  }

  /** Whether they are as if nothing had ever been done. */
  isFull(nowMs: number): boolean {
    return [...(this.#paces?.values() ?? [])].every((pace) => pace.isFull(nowMs));
  }
}
