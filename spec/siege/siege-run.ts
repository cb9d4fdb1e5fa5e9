import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuMicros, ownMemoryBytes } from '../bench/subjects/process-cost.js';
import { type NodeBinary, runningNode } from '../nodes/node-lines.js';
import { Bystander } from '../system/bystander.js';
import { Child } from '../system/child.js';
import { Endings } from '../system/endings.js';
import { eventually } from '../system/eventually.js';
import { journalRecords } from '../system/journal-records.js';
import { processStatus } from '../system/process-status.js';
import { projectFile } from '../system/project.js';
import { RawCaller } from '../system/raw-caller.js';
import { ServerProcess } from '../system/server-process.js';
import { type AttackFigures, type AttackOrder, fullRoom } from './attack.js';
import { attacks } from './attacks.js';
import type { SiegeOptions } from './siege-options.js';

/** What a siege must not do to a server, beside making it grow by more than it may. */
export const promised = { p99MsMax: 250, lostMax: 0 } as const;

/** What there is to read in the full room: messages of the largest size. */
const storedMessages = 2_500;
const longText = '🎉'.repeat(128);

/** Messages of one session that the server takes at once. */
const burst = 500;

/** How often the bystander speaks, and how often the server's memory is looked at, in milliseconds. */
const bystanderPauseMs = 20;
const memoryEveryMs = 200;

/** The calm after the first storm, of which the least memory is what growth is counted from, in milliseconds. */
const calmMs = 3_000;

/** How long the attackers may take to come to their end, in milliseconds. */
const patienceMs = 60_000;

export interface SiegeReport {
  readonly seed: number;
  readonly node: string;
  readonly seconds: number;
  readonly oneAddress: boolean;
  readonly alive: boolean;
  readonly memoryMb: MemoryFigures;
  /**
   * The share of one processor that the server had, and the machine's load (loadavg(5), 1 minute): where others keep the
   * processors, times say little.
   */
  readonly processor: { readonly server: number; readonly load: number };
  /** The bystander's round trips. */
  readonly bystander: { readonly said: number; readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
  /** Honest sessions that were lost. */
  readonly lost: number;
  readonly attacks: Readonly<Record<string, AttackFigures>>;
  /** What is wrong, in sentences. */
  readonly findings: readonly string[];
}

/**
 * Resident memory of the server's process, in MB. What honest participants cost is kept apart from what the attackers do: first they
 * join, then they are cut and come back once, with nobody else there, and what the attackers make it grow by is counted from then.
 */
export interface MemoryFigures {
  /** With a full room, a bystander, and nobody else. */
  readonly empty: number;
  /** With all participants of the storm. */
  readonly joined: number;
  /** The most while these came back from a storm by itself. */
  readonly storm: number;
  /** Just before the attackers: the least in the calm after that storm. */
  readonly before: number;
  /** The most during the siege, with all attackers and further storms. */
  readonly most: number;
  readonly after: number;
  /** `most` less `before`: what the siege is judged by. */
  readonly growth: number;
  /** The same without what is a file's: the store is mapped into memory. */
  readonly ownGrowth: number;
  /** `most` less `joined`: the first storm counts as well. */
  readonly growthWithStorm: number;
}

/** Lets all attackers loose on a real server with its default limits, while honest people chat and come back from storms. */
export async function siege(
  options: Omit<SiegeOptions, 'node'>,
  tell: (line: string) => void,
  node: NodeBinary = runningNode,
): Promise<SiegeReport> {
  const endings = new Endings();
  try {
    return await besiege(options, tell, node, endings);
  } finally {
    await endings.run();
  }
}

async function besiege(
  options: Omit<SiegeOptions, 'node'>,
  tell: (line: string) => void,
  node: NodeBinary,
  endings: Endings,
): Promise<SiegeReport> {
  const program = [node.path, projectFile('bin/chit-server')] as const;
  const server = await ServerProcess.start(endings, { program, args: ['--log-level', 'warn'] });
  await fill(server);
  const bystander = await Bystander.join(endings, server.address);
  await bystander.say();
  const empty = new Memory(server);
  const start = (attack: string): Child => attacker(endings, { attack, address: server.address, ...options });
  const storm = start('storm');
  const done = (what: string, meanwhile = () => {}) =>
    eventually(
      () => `the storm's participants are ${what}; they say: ${storm.errorLines.join('\n')}`,
      () => {
        meanwhile();
        if (!storm.alive) throw new Error(`the storm has ended: ${storm.errorLines.join('\n')}`);
        return storm.lines.includes(what);
      },
      2 * patienceMs,
    );
  await done('joined');
  const joined = new Memory(server);
  const atJoin = joined.last;
  tell(`${options.storm} participants are in; the server has ${atJoin} MB`);
  storm.write('cut all\n');
  await done('back', () => joined.look());
  const calm = new Memory(server);
  for (const until = performance.now() + calmMs; performance.now() < until; await pause(memoryEveryMs)) calm.look();

  const memory = new Memory(server);
  const processor = new Processor(server);
  tell(`all are back from a storm, and it has ${calm.least} MB; the attackers come`);
  storm.write('begin\n');
  const chosen = Object.keys(attacks).filter((name) => !options.without.includes(name));
  const running = new Map([['storm', storm], ...chosen.map((name) => [name, start(name)] as const)]);
  const until = performance.now() + options.seconds * 1000;
  const over = () => performance.now() > until || !server.child.alive;
  const chat = bystander.chat(over, bystanderPauseMs);
  while (!over()) {
    memory.look();
    processor.look();
    await pause(memoryEveryMs);
  }
  const load = loadavg()[0] ?? 0;
  await chat;
  const figures: Record<string, AttackFigures> = {};
  const findings: string[] = [];
  for (const [name, child] of running) {
    await eventually(`the end of ${name}`, () => !child.alive || !server.child.alive, patienceMs).catch(() => {});
    const last = child.lines.findLast((line) => line.startsWith('{'));
    if (last) figures[name] = JSON.parse(last) as AttackFigures;
    findings.push(...child.errorLines.slice(0, 20).map((line) => `${name}: ${line}`));
    if (!last)
      findings.push(`The attackers by ${name} did not come to their end: ${child.errorLines.at(-1) ?? 'no word'}.`);
  }
  memory.look();
  const alive = server.child.alive;
  if (alive) {
    await bystander.say();
    findings.push(...bystander.findings().map((fault) => `The bystander: ${fault}.`));
  }
  const faults = journalRecords(server.child.errorLines).filter(({ level }) => level >= 50);
  findings.push(...faults.slice(0, 20).map((record) => `The server's log has ${JSON.stringify(record)}.`));
  const { samples, said } = bystander;
  const report = {
    ...{ seed: options.seed, node: node.name, seconds: options.seconds, oneAddress: options.oneAddress, alive },
    memoryMb: {
      ...{ empty: empty.last, joined: atJoin, storm: joined.most, before: calm.least },
      ...{ most: memory.most, after: memory.last, growth: memory.most - calm.least },
      ...{ ownGrowth: memory.ownMost - calm.ownLeast, growthWithStorm: memory.most - atJoin },
    },
    processor: { server: rounded(processor.usedSeconds / options.seconds), load: rounded(load) },
    bystander: { said, ...samples.summary() },
    lost: figures.storm?.lost ?? options.storm,
    attacks: figures,
  };
  return {
    ...report,
    findings: [...findings, ...broken(report, options), ...(alive ? [] : server.child.errorLines.slice(-20))],
  };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Which of the promised figures were not kept, in sentences. */
function broken(
  { alive, memoryMb, bystander, lost }: Omit<SiegeReport, 'findings'>,
  { growthMax }: Pick<SiegeOptions, 'growthMax'>,
): string[] {
  return [
    ...(alive ? [] : ['The server died.']),
    ...(memoryMb.growth <= growthMax ? [] : [`The server grew by ${memoryMb.growth} MB, and may by ${growthMax}.`]),
    ...(bystander.p99Ms < promised.p99MsMax ? [] : [`The bystander's p99 was ${Math.round(bystander.p99Ms)} ms.`]),
    ...(lost <= promised.lostMax ? [] : [`${lost} honest sessions were lost.`]),
  ];
}

/** Much to read. */
async function fill(server: ServerProcess): Promise<void> {
  const endings = new Endings();
  try {
    for (let stored = 0; stored < storedMessages; stored += burst) {
      const chat = new RawCaller(endings, server.address).chat();
      await chat.join(`Writer ${stored}`, fullRoom);
      for (let one = 1; one <= burst; one += 1) chat.publish(longText);
      await eventually(
        () => `${burst} messages are in; ${JSON.stringify(chat.rejections.at(-1))}`,
        () => chat.events.filter(({ kind }) => kind === 'message').length >= burst,
        patienceMs,
      );
    }
  } finally {
    await endings.run();
  }
}

function attacker(endings: Endings, options: AttackOrder): Child {
  const order: AttackOrder = {
    attack: options.attack,
    address: options.address,
    seconds: options.seconds,
    seed: options.seed,
    oneAddress: options.oneAddress,
    storm: options.storm,
  };
  const program = ['--import', 'tsx', projectFile('spec/siege/attacker-program.ts'), JSON.stringify(order)];
  return new Child(endings, process.execPath, program);
}

/** What is looked up of a living process on Linux; elsewhere, and when it has just ended, what was known before. */
function lookUp(server: ServerProcess, before: number, figure: (pid: number) => number): number {
  if (process.platform !== 'linux' || !server.child.alive) return before;
  try {
    return figure(server.child.pid);
  } catch {
    return before;
  }
}

/** A process's processor time since this was made. */
class Processor {
  readonly #server: ServerProcess;
  readonly #before: number;
  #last: number;

  constructor(server: ServerProcess) {
    this.#server = server;
    this.#before = lookUp(server, 0, cpuMicros);
    this.#last = this.#before;
  }

  look(): void {
    this.#last = lookUp(this.#server, this.#last, cpuMicros);
  }

  get usedSeconds(): number {
    return (this.#last - this.#before) / 1e6;
  }
}

const residentMb = (pid: number): number => Math.round((processStatus(pid, 'VmRSS') * 1024) / 1e6);
const ownMb = (pid: number): number => Math.round(ownMemoryBytes(pid) / 1e6);

/** A process's memory over time, in MB. */
class Memory {
  readonly #server: ServerProcess;
  #last = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = 0;
  #ownLeast = Number.POSITIVE_INFINITY;
  #ownMost = 0;

  constructor(server: ServerProcess) {
    this.#server = server;
    this.look();
  }

  get last(): number {
    return this.#last;
  }

  get least(): number {
    return this.#least;
  }

  get most(): number {
    return this.#most;
  }

  get ownLeast(): number {
    return this.#ownLeast;
  }

  get ownMost(): number {
    return this.#ownMost;
  }

  look(): void {
    this.#last = lookUp(this.#server, this.#last, residentMb);
    this.#least = Math.min(this.#least, this.#last);
    this.#most = Math.max(this.#most, this.#last);
    const own = lookUp(this.#server, this.#ownMost, ownMb);
    this.#ownLeast = Math.min(this.#ownLeast, own);
    this.#ownMost = Math.max(this.#ownMost, own);
  }
}
