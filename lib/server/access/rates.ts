import type { Limits } from '../../core/limits.js';
import { Pace, type Rate } from './pace.js';

/** What an address, and each of its connections, may do so many times a second. */
export type Deed = 'connection' | 'join' | 'resume' | 'read' | 'refusal' | 'publish' | 'room';

export type RateLimits = Pick<
  Limits,
  | 'connectionsPerSecondMax'
  | 'connectionBurstMax'
  | 'joinsPerSecondMax'
  | 'joinBurstMax'
  | 'resumesPerSecondMax'
  | 'resumeBurstMax'
  | 'readsPerSecondMax'
  | 'readBurstMax'
  | 'refusalsPerSecondMax'
  | 'refusalBurstMax'
  | 'roomsBegunPerMinuteMax'
  | 'roomsBegunBurstMax'
  | 'publishesPerSecondMax'
  | 'publishBurstMax'
  | 'publishAllowancesPerAddress'
  | 'publishAllowancesPerConnection'
  | 'connectionsPerRate'
>;

export type Rates = Readonly<Record<Deed, Rate>>;

/** What all of an address may do together. */
export function addressRates(limits: RateLimits): Rates {
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
export function connectionRates(limits: RateLimits): Rates {
  const all = addressRates(limits);
  const part = (rate: Rate) => times(rate, 1 / limits.connectionsPerRate);
  return {
    connection: all.connection,
    join: part(all.join),
    resume: part(all.resume),
    read: part(all.read),
    refusal: part(all.refusal),
    room: all.room,
    publish: times(publishRate(limits), limits.publishAllowancesPerConnection),
  };
}

/** What one session may publish. */
export function publishRate(limits: RateLimits): Rate {
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
    const known = this.#paces?.get(deed);
    if (known) return known;
    const pace = new Pace(this.#rates[deed]);
    this.#paces ??= new Map();
    this.#paces.set(deed, pace);
    return pace;
  }

  /** Whether they are as if nothing had ever been done. */
  isFull(nowMs: number): boolean {
    for (const pace of this.#paces?.values() ?? []) if (!pace.isFull(nowMs)) return false;
    return true;
  }
}
