import { GrpcParticipant } from '../bench/load/grpc-participant.js';
import { Samples } from '../bench/load/samples.js';
import { eventually } from '../system/eventually.js';
import type { Attack, AttackFigures } from './attack.js';

/** So few in a room that what they are told of each other is little beside the storm itself. */
const participantsPerRoom = 50;

/** Connections that are made at once in the beginning, before any storm. */
const joinsAtOnce = 100;

/** How long a participant waits before it comes back, and before it tries again, at most, in milliseconds. */
const firstTryMsMax = 500;
const nextTryMsMax = 1_000;

/** How long it tries: the server's grace by default, in milliseconds. Who has not come back by then has lost the session. */
const graceMs = 10_000;

/** The calm between two storms, in milliseconds. */
const calmMs = 3_000;

/** One honest participant with a resumable session. */
class Sailor {
  lost = false;
  /** Why it was not let in again the last time. */
  why = '';
  readonly #attack: Attack;
  readonly #name: string;
  readonly #room: string;
  #visit: GrpcParticipant;

  constructor(attack: Attack, number: number) {
    this.#attack = attack;
    this.#name = `Sailor ${number}`;
    this.#room = `sea-${Math.floor(number / participantsPerRoom)}`;
    this.#visit = this.#enter();
  }

  get joined(): boolean {
    return this.#visit.joined;
  }

  get fault(): string | undefined {
    return this.#visit.fault;
  }

  cut(): void {
    this.#visit.cut();
  }

  /** Comes back, with tries at random times, and says how long that took, in milliseconds; or has lost its session. */
  async comeBack(): Promise<number> {
    const began = performance.now();
    const { session, logId, sequence, chain } = this.#visit.welcome();
    let wait = this.#attack.random.between(0, firstTryMsMax);
    while (performance.now() - began < graceMs) {
      await this.#attack.upTo(wait);
      const visit = this.#enter({ session, logId, sequence, chain });
      await this.#attack.upTo(graceMs, () => visit.joined || visit.fault !== undefined);
      // The siege is over before there was an answer.
      if (this.#attack.over && !visit.joined && visit.fault === undefined) return performance.now() - began;
      if (visit.joined) {
        this.#visit = visit;
        this.lost = !visit.welcome().resumed;
        return performance.now() - began;
      }
      this.why = visit.fault ?? 'no answer';
      visit.cut();
      wait = this.#attack.random.between(50, nextTryMsMax);
    }
    this.lost = true;
    return performance.now() - began;
  }

  #enter(resume?: ConstructorParameters<typeof GrpcParticipant>[2]['resume']): GrpcParticipant {
    const entry = { room: this.#room, name: this.#name, resumable: true, ...(resume ? { resume } : {}) };
    return new GrpcParticipant(this.#attack.endings, this.#attack.order.address, entry);
  }
}

/**
 * Honest participants who are cut all at once and come back, again and again. It waits for `ordered('joined')` when all have joined,
 * and after one storm by itself for `ordered('back')`.
 */
export async function storm(
  attack: Attack,
  ordered: (done: 'joined' | 'back') => Promise<void>,
): Promise<AttackFigures> {
  const count = attack.order.storm;
  const sailors: Sailor[] = [];
  while (sailors.length < count) {
    for (let one = 0; one < joinsAtOnce && sailors.length < count; one += 1) {
      sailors.push(new Sailor(attack, sailors.length));
    }
    await eventually(
      () => `all have joined; ${sailors.find(({ fault }) => fault)?.fault}`,
      () => sailors.every(({ joined }) => joined),
      60_000,
    );
  }
  await ordered('joined');
  const back = new Samples();
  let storms = 0;
  let dropped = 0;
  const cutAll = async (): Promise<void> => {
    storms += 1;
    const honest = sailors.filter(({ lost }) => !lost);
    dropped += honest.filter(({ fault }) => fault).length;
    for (const sailor of honest) sailor.cut();
    for (const ms of await Promise.all(honest.map((sailor) => sailor.comeBack()))) back.add(ms);
  };
  await cutAll();
  await ordered('back');
  while (!attack.over) {
    await attack.upTo(calmMs);
    if (!attack.over) await cutAll();
  }
  const { p50Ms, maxMs } = back.summary();
  const lost = sailors.filter((sailor) => sailor.lost);
  const reasons = new Set(lost.map(({ why }) => why));
  for (const why of reasons) process.stderr.write(`${lost.filter((one) => one.why === why).length} lost: ${why}\n`);
  return { participants: count, storms, lost: lost.length, dropped, backP50Ms: p50Ms, backMaxMs: maxMs };
}
