import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { clientLimits } from '../../lib/client/limits.js';
import { Random } from '../simulation/random.js';
import { Endings } from '../system/endings.js';
import { eventually } from '../system/eventually.js';
import { RawCaller } from '../system/raw-caller.js';
import { HistoryRecorder } from '../trace/recorder.js';
import { badInputs } from './bad-inputs.js';
import { CatchUps } from './catch-ups.js';
import { faultPlan, type Targets } from './fault-plan.js';
import { FaultPlayer } from './fault-player.js';
import { figuresOf } from './figures.js';
import { readFinalLogs } from './final-logs.js';
import { Findings } from './findings.js';
import { takeErrorsOfForgottenSockets } from './forgotten-sockets.js';
import type { Member } from './member.js';
import { checkDamaged } from './reported-losses.js';
import type { TortureOptions } from './torture-options.js';
import type { TortureReport } from './torture-report.js';
import { type AttackKind, networkCount, rooms, settle, shortLimits, type Town } from './town.js';

/** How long everybody may take to be back when all is healed, in milliseconds. */
const settledMsMax = 60_000;
/** How long everybody may take to leave, and the server to notice who was killed, in milliseconds. */
const leavingMsMax = 30_000;

/** How often somebody speaks, in milliseconds. */
const speakingMs = 40;
/** How often a bystander does, in milliseconds. */
const bystanderMs = 50;
const lookMs = 50;
/** How often the server's operator looks at its records, in milliseconds. */
const heedMs = 1_000;
const progressMs = 10_000;

export function targetsOf({ cast, crowd, attacks }: Pick<TortureOptions, 'cast' | 'crowd' | 'attacks'>): Targets {
  return { networks: networkCount, cast, crowd, attacks };
}

/**
 * A server and its clients under the plan's faults, then at rest, then judged. An aborted `signal` ends the faults early;
 * what has happened until then is judged. `tell` is told of progress now and then.
 */
export async function torture(
  options: TortureOptions,
  signal: AbortSignal,
  tell: (line: string) => void = () => {},
): Promise<TortureReport> {
  const before = { ...clientLimits };
  Object.assign(clientLimits, shortLimits);
  const endings = new Endings();
  endings.add(takeErrorsOfForgottenSockets());
  const directory = mkdtempSync(join(tmpdir(), 'chit-torture-'));
  try {
    const report = await new TortureRun(options, signal, tell, endings, directory).run();
    await endings.run();
    if (report.evidence === undefined) rmSync(directory, { recursive: true, force: true });
    return report;
  } finally {
    await endings.run();
    Object.assign(clientLimits, before);
  }
}

class TortureRun {
  readonly #options: TortureOptions;
  readonly #signal: AbortSignal;
  readonly #tell: (line: string) => void;
  readonly #endings: Endings;
  readonly #directory: string;
  readonly #recorder = new HistoryRecorder();
  readonly #findings = new Findings();
  readonly #incomplete: string[] = [];
  readonly #random: Random;

  constructor(
    options: TortureOptions,
    signal: AbortSignal,
    tell: (line: string) => void,
    endings: Endings,
    directory: string,
  ) {
    this.#options = options;
    // Every pause of every lane and client listens to it.
    setMaxListeners(0, signal);
    this.#signal = signal;
    this.#tell = tell;
    this.#endings = endings;
    this.#directory = directory;
    // Another one than the plan's: who says what must not move it.
    this.#random = new Random(options.seed ^ 0x5eed);
  }

  async run(): Promise<TortureReport> {
    const { seed, seconds } = this.#options;
    const town = await settle({
      options: this.#options,
      endings: this.#endings,
      directory: this.#directory,
      recorder: this.#recorder,
      findings: this.#findings,
      random: this.#random,
      rest: (ms) => this.#rest(ms),
    });
    const { retriers, rude, server, bystanders } = town;
    const catchUps = new CatchUps((room) => newestOf(town.members, room));
    const player = new FaultPlayer(town, catchUps, (ms) => this.#rest(ms));
    const peace = new AbortController();
    const looking = setInterval(() => {
      catchUps.look();
      server.lookAtMemory();
    }, lookMs);
    const standingBy = setInterval(() => {
      const [speaker, listener] = town.standing;
      bystanders.speak(speaker, listener);
    }, bystanderMs);
    const heeding = setInterval(() => server.heed(), heedMs);
    const speaking = setInterval(() => this.#speak(town), speakingMs);
    const began = performance.now();
    const telling = setInterval(() => {
      const count = Object.values(player.happened).reduce((sum, one) => sum + one, 0);
      const newest = rooms.reduce((sum, room) => sum + newestOf(town.members, room), 0);
      this.#tell(`${Math.round((performance.now() - began) / 1000)} s: ${count} faults, ${newest} events`);
    }, progressMs);
    const busy = [
      ...retriers.map((retrier) => retrier.talk(() => this.#random.between(50, 600), peace.signal)),
      ...rude.map((one) => one.beRude(100, peace.signal)),
    ];
    const staying = retriers.map((retrier) => retrier.stay(100));
    try {
      await player.play(faultPlan(seed, seconds, targetsOf(this.#options)), this.#signal);
      await this.#rest(seconds * 1000 - (performance.now() - began));
    } finally {
      clearInterval(speaking);
      clearInterval(standingBy);
      clearInterval(heeding);
      clearInterval(telling);
      peace.abort();
    }
    const lasted = Math.round((performance.now() - began) / 1000);
    this.#tell('all is healed; waiting until everybody has everything');
    await server.mend();
    await this.#within(settledMsMax, Promise.all(busy), () =>
      rude.map(({ name, lastWords }) => `${name} with ${lastWords}`),
    );
    await this.#everybodyHasEverything(town);
    clearInterval(looking);
    await this.#everybodyLeaves(town);
    await Promise.all(staying);
    await readFinalLogs(town.server.address, rooms, this.#recorder);
    await town.server.end();
    return this.#judge(town, player, catchUps, lasted);
  }

  #speak({ cast, crowd }: Town): void {
    const text = () => `${this.#random.pick(words)} ${this.#random.pick(words)} ${this.#random.between(1, 1_000_000)}`;
    if (this.#random.chance(cast.length / (cast.length + crowd.length))) this.#random.pick(cast).say(text());
    else {
      const one = this.#random.pick(crowd);
      one.say(text(), this.#random.pick(one.rooms));
    }
  }

  /** Everybody who lives is live again and has every room's newest event. */
  async #everybodyHasEverything({ server, members, cast, crowd, standing }: Town): Promise<void> {
    const caller = new RawCaller(this.#endings, server.address);
    const behind = async () => {
      const newest = new Map((await caller.rooms()).map(({ name, sequence }) => [name, sequence]));
      return members.filter(
        (member) => !member.live || member.rooms.some((room) => member.sequence(room) < (newest.get(room) ?? 0)),
      );
    };
    let late: readonly Member[] = members;
    const began = performance.now();
    while (late.length > 0 && performance.now() - began < settledMsMax) {
      await pause(200);
      late = await behind().catch(() => late);
    }
    const words = new Map([...cast, ...crowd, ...standing].map((one) => [one.name, one.lastWords]));
    for (const { name, rooms: where, live } of late) {
      const places = where.map((room) => `${room}`).join(', ');
      this.#incomplete.push(
        `${name} (${places}) was ${live ? 'behind' : 'not back'} ${settledMsMax / 1000} s after the end: ${words.get(name) ?? ''}`,
      );
    }
  }

  /** Three of four leave, the others are killed. */
  async #everybodyLeaves({ server, cast, crowd, retriers, standing }: Town): Promise<void> {
    const leaves = [
      ...cast.map(async (one, number) => {
        const record = this.#recorder.client(one.name);
        const [room = ''] = one.rooms;
        if (number % 4 === 3) {
          await one.killForGood();
          record.end(room, 'gone');
          return;
        }
        const how = await one.leave();
        // One whose message may be lost with the room's history says so, and ends with 1.
        const isOfDamage = server.store.hasLost(room) && one.said('may be lost');
        if (how !== 0 && !isOfDamage) this.#incomplete.push(`${one.name} ended with ${how}: ${one.lastWords}`);
        record.end(room, how === 0 ? 'left' : 'gone');
      }),
      ...[...crowd, ...retriers, ...standing].map((one) => one.leave()),
    ];
    await this.#within(leavingMsMax, Promise.all(leaves), () => ['somebody who leaves']);
    const caller = new RawCaller(this.#endings, server.address);
    const present = async () => (await Promise.all(rooms.map((room) => caller.participants(room)))).flat();
    let last: string[] = [];
    const empty = async () => {
      last = await present();
      return last.length === 0;
    };
    await eventually('all rooms are empty', empty, leavingMsMax).catch(() => {
      this.#findings.add(`Nobody is there any more, and in the rooms are still: ${last.join(', ')}.`);
    });
  }

  #judge(
    { server, rude, attackers, bystanders }: Town,
    { happened }: FaultPlayer,
    { worst }: CatchUps,
    lasted: number,
  ): TortureReport {
    server.judgeRecords(this.#directory);
    const history = this.#recorder.history();
    const violations = checkDamaged(history, server.store.losses, server.store.logIds);
    const isWrong = violations.length + this.#findings.all.length + this.#incomplete.length + server.deaths.length > 0;
    if (isWrong) writeFileSync(join(this.#directory, 'history.json'), JSON.stringify(history, writable));
    const kinds = new Set(rude.flatMap((one) => [...one.kinds]));
    const { disk, ...faults } = { disk: happened['disk-full'], ...happened };
    return {
      seed: this.#options.seed,
      seconds: Math.min(lasted, this.#options.seconds),
      faults: server.canFillDisk ? happened : faults,
      impossible: disk !== undefined && !server.canFillDisk ? ['disk-full'] : [],
      figures: figuresOf(history),
      badInputs: {
        sent: rude.reduce((sum, { sent }) => sum + sent, 0),
        answered: rude.reduce((sum, { answered }) => sum + answered, 0),
        kinds: kinds.size,
        of: badInputs.length,
      },
      worstCatchUp: worst,
      attacks: {
        ...Object.fromEntries(
          Object.entries(attackers).flatMap(([kind, { counts }]) =>
            happened[kind as AttackKind] === undefined ? [] : [[kind, counts]],
          ),
        ),
        ...(this.#options.attacks.includes('bits') ? { bits: server.store.counts } : {}),
      },
      delays: bystanders.delays,
      serverMemoryKib: server.memoryKibMax,
      deaths: server.deaths,
      serverStarts: server.starts,
      longestStartMs: server.longestStartMs,
      unwritable: server.unwritable,
      violations,
      findings: this.#findings.all,
      incomplete: this.#incomplete,
      evidence: isWrong ? this.#directory : undefined,
    };
  }

  /** A time of the plan: over at once where the run ends early. */
  async #rest(ms: number): Promise<void> {
    if (ms > 0) await pause(ms, undefined, { signal: this.#signal }).catch(() => {});
  }

  async #within(ms: number, what: Promise<unknown>, who: () => readonly string[]): Promise<void> {
    const late = new AbortController();
    const isLate = pause(ms, 'late', { signal: late.signal }).catch(() => {});
    if ((await Promise.race([what, isLate])) === 'late')
      this.#incomplete.push(`not within ${ms / 1000} s: ${who().join(', ')}`);
    late.abort();
  }
}

const words = ['cat', 'naïve', '🎉', 'e\u0301clair', '春', 'order', '👩‍👩‍👧', 'time', 'log'];

function newestOf(members: readonly Member[], room: string): number {
  return members.reduce((newest, one) => (one.rooms.includes(room) ? Math.max(newest, one.sequence(room)) : newest), 0);
}

function writable(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
