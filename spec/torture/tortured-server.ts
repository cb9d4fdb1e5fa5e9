import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endings } from '../system/endings.js';
import { processStatus } from '../system/process-status.js';
import { ServerProcess } from '../system/server-process.js';
import type { TcpProxy } from '../system/tcp-proxy.js';
import { DamagedStore } from './damaged-store.js';
import type { Findings } from './findings.js';
import type { Flip } from './flips.js';
import { programWithLimits } from './program-with-limits.js';
import { type ServerDeath, serverDeath } from './server-deaths.js';

/** So short that a run sees them reached. */
export const serverLimits = {
  keepaliveMs: 1_000,
  keepaliveTimeoutMs: 2_000,
  stallMsMax: 4_000,
  handshakeMsMax: 2_500,
  joinMsMax: 5_000,
  storeGrowthBytes: 4 * 1024,
  snapshotEveryEvents: 256,
  // A kill is to leave something in the segments.
  aheadTakeOverMs: 3_000,
  // Rooms are small here, and groups are to be told together in them too.
  participantsPerHeldGroup: 5,
} as const;

/** How long a resumable session outlives its connection. */
export const graceSeconds = 3;

/** How long the program may take to end when asked to, in milliseconds: more than its own limit, for a busy machine. */
const stopMsMax = 15_000;

/** How long a life with a room that cannot be read is left as it is, in milliseconds: who needs that room is told so meanwhile. */
const unheededMs = 4_000;

/** Where nobody listens: a port that a server had could be another program's next. */
const nowhere = '127.0.0.1:1';

/** Records that say that the server itself is at fault. */
const faults = new Set(['fault', 'room-failed', 'room-unreadable', 'stop-failed', 'records-dropped']);
/** Of these, what damage of a room may come to. */
const damageFaults = new Set(['room-failed', 'room-unreadable']);

export interface TorturedServerParts {
  readonly endings: Endings;
  /** Kept over all of its lives. */
  readonly data: string;
  readonly networks: readonly TcpProxy[];
  /** Those that are judged. */
  readonly rooms: readonly string[];
  readonly findings: Findings;
  /** A planned time, which ends early where the run does. */
  readonly rest: (ms: number) => Promise<void>;
}

/** A chit-server with a durable log that is killed and started again: one after the other, on the same directory. */
export class TorturedServer {
  starts = 0;
  longestStartMs = 0;
  /** What its process took of memory at most, in KiB, as far as `lookAtMemory` saw it. */
  memoryKibMax = 0;
  /** Ends that nobody ordered. */
  readonly deaths: ServerDeath[] = [];
  readonly store: DamagedStore;
  /** Whether its log can be filled up on this machine. */
  canFillDisk = true;
  /** Rises with each fault's beginning and end: who sees it unchanged has not been hit. */
  disturbances = 0;
  readonly #parts: TorturedServerParts;
  readonly #lives: ServerProcess[] = [];
  /** Of each life, when it began. */
  readonly #began = new Map<ServerProcess, number>();
  /** Lives whose end was ordered, or is known. */
  readonly #ended = new WeakSet<ServerProcess>();
  /** What is done to the server, one after the other. */
  #turn: Promise<void> = Promise.resolve();
  /** Resolves when it is written down which logs the present life has. */
  #noted: Promise<void> = Promise.resolve();
  /** The last life that was ended to be mended. */
  #heeded: ServerProcess | undefined;

  private constructor(parts: TorturedServerParts) {
    this.#parts = parts;
    this.store = new DamagedStore({ ...parts, directory: parts.data });
  }

  static async start(parts: TorturedServerParts): Promise<TorturedServer> {
    const server = new TorturedServer(parts);
    await server.#start();
    return server;
  }

  /** `host:port` of the present life. */
  get address(): string {
    return this.#life.address;
  }

  /** kill -9; its store has these bits flipped before it is started again. */
  kill(downMs: number, flips: readonly Flip[] = []): Promise<void> {
    return this.#inTurn(async () => {
      const life = this.#goingDown();
      life.child.signal('SIGKILL');
      const how = await life.child.ended;
      if (how !== 'SIGKILL') this.#died(life, how);
      await this.#comeBack(downMs, flips);
    });
  }

  /** SIGTERM; likewise. */
  stop(downMs: number, flips: readonly Flip[] = []): Promise<void> {
    return this.#inTurn(async () => {
      const life = this.#goingDown();
      const began = performance.now();
      const late = setTimeout(() => life.child.signal('SIGKILL'), stopMsMax);
      const how = await life.stop();
      clearTimeout(late);
      const ms = Math.round(performance.now() - began);
      if (how === 'SIGKILL') this.#parts.findings.add(`The server was asked to stop and had not after ${ms} ms.`);
      else if (how !== 0) this.#died(life, how);
      await this.#comeBack(downMs, flips);
    });
  }

  /** SIGSTOP, then SIGCONT. */
  pause(ms: number): Promise<void> {
    return this.#inTurn(async () => {
      const { child } = this.#life;
      this.disturbances += 1;
      child.signal('SIGSTOP');
      await this.#parts.rest(ms);
      child.signal('SIGCONT');
      this.disturbances += 1;
    });
  }

  /** Its log cannot grow for `ms`. */
  fillDisk(ms: number): Promise<void> {
    return this.#inTurn(async () => {
      const { child } = this.#life;
      const { size } = statSync(join(this.#parts.data, 'data.mdb'));
      this.disturbances += 1;
      try {
        // Only the soft limit: whoever is not root can lift it again.
        limitFiles(child.pid, `${size}:`);
        await this.#parts.rest(ms);
        limitFiles(child.pid, 'unlimited:');
      } catch {
        // Or it has ended by itself meanwhile, which is told elsewhere.
        if (child.alive) this.canFillDisk = false;
      }
      this.disturbances += 1;
    });
  }

  /** Where bits were flipped: looks at the whole store while it is down, and goes on with what is good in it. */
  async mend(): Promise<void> {
    if (this.store.flipped.length === 0) return;
    await this.#inTurn(async () => {
      const life = this.#goingDown();
      await life.kill();
      this.store.lookAtAll();
      await this.#comeBack(0);
    });
  }

  /** For good. */
  end(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#goingDown().kill();
      await this.#noted;
    });
  }

  /** What its operator does, who is to look now and then: a room that cannot be read is mended after a while. */
  heed(): void {
    const life = this.#life;
    const isNew = performance.now() - (this.#began.get(life) ?? 0) < unheededMs;
    if (isNew || this.#ended.has(life) || this.#heeded === life) return;
    if (!life.child.errorLines.some((line) => line.includes('"event":"room-unreadable"'))) return;
    this.#heeded = life;
    void this.stop(0);
  }

  /** To be called now and then. */
  lookAtMemory(): void {
    const { child } = this.#life;
    if (!child.alive) return;
    try {
      this.memoryKibMax = Math.max(this.memoryKibMax, processStatus(child.pid, 'VmHWM') || 0);
    } catch {
      // It has just ended, or this machine tells nothing of its processes.
    }
  }

  /** Looks for faults of its own in its log records, and keeps these in `directory`. */
  judgeRecords(directory: string): void {
    for (const [index, life] of this.#lives.entries()) {
      writeFileSync(
        join(directory, `server-${index + 1}.log`),
        life.child.errorLines.map((line) => `${line}\n`).join(''),
      );
      const told = life.child.errorLines.find((line) => line.includes('Write error'));
      if (told) this.#parts.findings.add(`The store was told to write where there is no room: ${told}`);
      for (const record of life.records()) {
        const isOfDamage = damageFaults.has(record.event) && this.store.isHit(record.room);
        if (faults.has(record.event) && !isOfDamage)
          this.#parts.findings.add(`The server recorded ${JSON.stringify(record)}.`);
      }
    }
  }

  /** How many times a room's log could not be written. */
  get unwritable(): number {
    return this.#lives.flatMap((life) => life.records()).filter(({ event }) => event === 'log-unwritable').length;
  }

  get #life(): ServerProcess {
    return this.#lives.at(-1) as ServerProcess;
  }

  /** A server that dies by itself while something else is done to it is started again only afterwards. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  #died(life: ServerProcess, how: number | NodeJS.Signals): void {
    const [number, began] = [this.#lives.indexOf(life) + 1, this.#began.get(life) ?? 0];
    this.deaths.push(serverDeath({ life: number, how, afterMs: performance.now() - began }, life.child.errorLines));
  }

  #goingDown(): ServerProcess {
    this.disturbances += 1;
    this.#ended.add(this.#life);
    for (const network of this.#parts.networks) network.target = nowhere;
    return this.#life;
  }

  async #comeBack(downMs: number, flips: readonly Flip[] = []): Promise<void> {
    await this.#parts.rest(downMs);
    this.store.takeRecords(this.#life.records(), this.#lives.length);
    const next = this.#lives.length + 1;
    if (this.store.isToldOf) await this.store.cut(next);
    await this.store.flip(flips);
    await this.#start().catch(async (error: Error) => {
      if (!error.message.includes(' check ')) throw error;
      this.store.startRefused();
      await this.store.cut(next);
      await this.#start();
    });
    this.disturbances += 1;
  }

  async #start(): Promise<void> {
    const { endings, data, networks } = this.#parts;
    const began = performance.now();
    const program = programWithLimits('chit-server', serverLimits);
    const args = ['--grace', `${graceSeconds}s`, '--log-level', 'warn'];
    const life = await ServerProcess.start(endings, { data, program, args });
    this.longestStartMs = Math.max(this.longestStartMs, Math.round(performance.now() - began));
    this.starts += 1;
    this.#lives.push(life);
    this.#began.set(life, performance.now());
    for (const network of networks) network.target = life.address;
    const isOver = () => this.#ended.has(life);
    this.#noted = this.store.noteLogIds(life.address, this.#lives.length, isOver);
    void life.child.ended.then((how) => {
      if (this.#ended.has(life)) return;
      this.#ended.add(life);
      this.#died(life, how);
      void this.#inTurn(async () => {
        if (this.#life !== life) return;
        this.#goingDown();
        await this.#comeBack(0);
      });
    });
  }
}

function limitFiles(pid: number, size: string): void {
  execFileSync('prlimit', [`--pid=${pid}`, `--fsize=${size}`], { stdio: 'ignore' });
}
