import type { CatchUps } from './catch-ups.js';
import type { Fault, FaultKind } from './fault-plan.js';
import type { Member } from './member.js';
import type { Town } from './town.js';

/** What a frozen, late or narrow network is like. */
const lateMs = 150;
const narrowBytesPerSecond = 20_000;

/** Makes the plan's faults happen, and heals each. */
export class FaultPlayer {
  /** How often each kind has happened. */
  readonly happened: Partial<Record<FaultKind, number>> = {};
  readonly #town: Town;
  readonly #catchUps: CatchUps;
  readonly #rest: (ms: number) => Promise<void>;

  constructor(town: Town, catchUps: CatchUps, rest: (ms: number) => Promise<void>) {
    this.#town = town;
    this.#catchUps = catchUps;
    this.#rest = rest;
  }

  /** Plays the whole plan; what is not begun when `signal` is aborted does not happen. Resolves when all is healed. */
  async play(plan: readonly Fault[], signal: AbortSignal): Promise<void> {
    const began = performance.now();
    const lanes = new Set(plan.map(({ lane }) => lane));
    await Promise.all(
      [...lanes].map(async (lane) => {
        for (const fault of plan.filter((one) => one.lane === lane)) {
          await this.#rest(fault.atMs - (performance.now() - began));
          if (signal.aborted) return;
          await this.#outage(fault);
        }
      }),
    );
  }

  async #outage(fault: Fault): Promise<void> {
    const hit = this.#hitBy(fault);
    this.#catchUps.hit(hit);
    await this.#happen(fault);
    this.#catchUps.healed(hit, fault.kind);
    this.happened[fault.kind] = (this.happened[fault.kind] ?? 0) + 1;
  }

  #hitBy({ lane, target, kind }: Fault): readonly Member[] {
    const { members, cast, crowd, on } = this.#town;
    if (lane === 'server') return members;
    if (lane.startsWith('network')) return on(target);
    // An attack is nobody's excuse.
    if (kind === 'burst' || kind in this.#town.attackers) return [];
    const one = lane.startsWith('cast') ? cast[target] : crowd[target];
    return one ? [one] : [];
  }

  async #happen({ kind, lastsMs, target, count, seed = 0, flips = [] }: Fault): Promise<void> {
    const { server, networks } = this.#town;
    const network = networks[target] as Town['networks'][number];
    const client = this.#town.cast[target];
    const reader = this.#town.crowd[target];
    switch (kind) {
      case 'server-kill':
        return server.kill(lastsMs, flips);
      case 'server-stop':
        return server.stop(lastsMs, flips);
      case 'server-pause':
        return server.pause(lastsMs);
      case 'disk-full':
        return server.fillDisk(lastsMs);
      case 'storm':
        return this.#storm(lastsMs, count);
      case 'cut':
        return network.cut();
      case 'freeze':
        network.freeze();
        await this.#rest(lastsMs);
        return network.thaw();
      case 'delay':
        network.delayMs = lateMs;
        await this.#rest(lastsMs);
        network.delayMs = 0;
        return;
      case 'throttle':
        network.bytesPerSecond = narrowBytesPerSecond;
        await this.#rest(lastsMs);
        network.bytesPerSecond = 0;
        return;
      case 'refuse':
        network.refuse(true);
        network.cut();
        await this.#rest(lastsMs);
        return network.refuse(false);
      case 'client-pause':
      case 'client-long-pause':
        client?.signal('SIGSTOP');
        await this.#rest(lastsMs);
        return client?.signal('SIGCONT');
      case 'client-kill':
        client?.kill(lastsMs);
        return this.#rest(lastsMs);
      case 'slow-reader':
        return reader?.readNothing(lastsMs);
      case 'leave-and-join':
        return reader?.leaveAndJoin(lastsMs);
      case 'burst':
        for (let number = 1; number <= count; number += 1) {
          reader?.say(`${number} of ${count} at once`, reader.rooms[0] ?? '');
        }
        return;
      case 'hostile-frames':
      case 'unread-reads':
      case 'churn':
        return this.#town.attackers[kind].attack({ count, lastsMs, seed });
    }
  }

  async #storm(lastsMs: number, count: number): Promise<void> {
    for (let number = 1; number <= count; number += 1) {
      for (const network of this.#town.networks) network.cut();
      await this.#rest(lastsMs / count);
    }
  }
}
