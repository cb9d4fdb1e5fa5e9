import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type NodeBinary, runningNode } from '../nodes/node-lines.js';
import { Bystander } from '../system/bystander.js';
import { Endings } from '../system/endings.js';
import { eventually } from '../system/eventually.js';
import { heldMib, tellsItsMemory } from '../system/held-memory.js';
import { journalRecords } from '../system/journal-records.js';
import { projectFile } from '../system/project.js';
import { ServerProcess } from '../system/server-process.js';
import type { FuzzOptions } from './fuzz-options.js';
import { type HostileConnection, hostileConnection } from './hostile-connection.js';
import { playConnection } from './play-connection.js';

/** What the server may hold more than before when all is over, in MiB: the rooms' newest messages, sessions in their grace. */
export const heldGrowthMibMax = 64;

/** How often the server is made to collect its garbage, at which faults in native memory show, in milliseconds. */
const collectEveryMs = 2_000;

/** How many of the newest connections a death's report gives besides those that were open. */
const recentMax = 8;

/** How long the server may take to let go of what is over, in milliseconds. */
const settleMsMax = 20_000;

export interface FuzzReport {
  readonly seed: number;
  readonly node: string;
  readonly seconds: number;
  readonly connections: number;
  readonly packets: number;
  readonly bytes: number;
  /** Connections that were not made at all. */
  readonly unconnected: number;
  /** Connections that the server ended with an error. */
  readonly sentAway: number;
  readonly bystander: { readonly said: number; readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
  readonly heldMibBefore: number;
  readonly heldMibAfter: number;
  /** What is wrong, in sentences. */
  readonly findings: readonly string[];
  /** At the server's death: what it wrote last, and the packets of the connections before, the newest last. */
  readonly death: readonly string[];
}

type Run = Pick<FuzzOptions, 'seed' | 'seconds' | 'from' | 'connections' | 'atOnce'>;

/** Sends a real server the hostile connections of `seed`, while two chat, until the time is over or the server dies. */
export async function fuzz(run: Run, node: NodeBinary = runningNode): Promise<FuzzReport> {
  const endings = new Endings();
  try {
    return await new Fuzz(run, node, endings).run();
  } finally {
    await endings.run();
  }
}

class Fuzz {
  readonly #run: Run;
  readonly #node: NodeBinary;
  readonly #endings: Endings;
  readonly #findings: string[] = [];
  readonly #open = new Map<number, HostileConnection>();
  readonly #recent = new Map<number, HostileConnection>();
  #death: string[] = [];
  #next: number;
  #played = 0;
  #packets = 0;
  #bytes = 0;
  #unconnected = 0;
  #sentAway = 0;

  constructor(run: Run, node: NodeBinary, endings: Endings) {
    this.#run = run;
    this.#node = node;
    this.#endings = endings;
    this.#next = run.from;
  }

  async run(): Promise<FuzzReport> {
    const program = [this.#node.path, ...tellsItsMemory, projectFile('bin/chit-server')] as const;
    const server = await ServerProcess.start(this.#endings, { program, args: ['--log-level', 'warn'] });
    const bystander = await Bystander.join(this.#endings, server.address);
    await bystander.say();
    const [before, sockets] = [await heldMib(server), openSockets(server)];

    const began = performance.now();
    const until = began + this.#run.seconds * 1000;
    const last = this.#run.from + this.#run.connections;
    const over = () => !server.child.alive || performance.now() > until || this.#next >= last;
    const players = Array.from({ length: this.#run.atOnce }, () => this.#play(server, over));
    let playing = true;
    const chat = bystander.chat(() => !playing || !server.child.alive);
    const collect = this.#collect(server, over);
    await Promise.all(players);
    const seconds = (performance.now() - began) / 1000;
    playing = false;
    await Promise.all([chat, collect]);

    const after = server.child.alive ? await this.#settled(server, bystander, before, sockets) : before;
    this.#look(server, bystander);
    return {
      seed: this.#run.seed,
      node: this.#node.name,
      seconds: Math.round(seconds * 10) / 10,
      connections: this.#played,
      packets: this.#packets,
      bytes: this.#bytes,
      unconnected: this.#unconnected,
      sentAway: this.#sentAway,
      bystander: { said: bystander.said, ...bystander.samples.summary() },
      heldMibBefore: before,
      heldMibAfter: after,
      findings: this.#findings,
      death: this.#death,
    };
  }

  async #play(server: ServerProcess, over: () => boolean): Promise<void> {
    const [host = '', port] = server.address.split(':');
    while (!over()) {
      const number = this.#next++;
      const connection = hostileConnection(this.#run.seed, number);
      this.#open.set(number, connection);
      const played = await playConnection(connection, { host, port: Number(port), ...sourceOf(number) });
      this.#played += 1;
      this.#packets += played.packets;
      this.#bytes += played.bytes;
      if (!played.connected) this.#unconnected += 1;
      if (played.sentAway) this.#sentAway += 1;
      if (!server.child.alive) return;
      if (played.lingered) this.#find(`Connection ${number} was sent GOAWAY with an error, and was not closed.`);
      this.#open.delete(number);
      this.#recent.set(number, connection);
      for (const old of this.#recent.keys()) if (this.#recent.size > recentMax) this.#recent.delete(old);
    }
  }

  /** Faults that native code leaves behind show when garbage is collected. */
  async #collect(server: ServerProcess, over: () => boolean): Promise<void> {
    while (!over()) {
      const next = performance.now() + collectEveryMs;
      while (!over() && performance.now() < next) await pause(50);
      if (server.child.alive) server.child.signal('SIGUSR2');
    }
  }

  /** Resolves with what the server holds in the end, in MiB, when it has closed what is over. */
  async #settled(server: ServerProcess, bystander: Bystander, before: number, sockets: number): Promise<number> {
    await bystander.say();
    const closed = () => !server.child.alive || openSockets(server) <= sockets;
    await eventually('all sockets are closed', closed, settleMsMax).catch(() =>
      this.#find(`${openSockets(server) - sockets} sockets stayed open.`),
    );
    let after = await heldMib(server).catch(() => before);
    const bounded = async () => {
      after = await heldMib(server).catch(() => before);
      return after - before <= heldGrowthMibMax;
    };
    await eventually('memory is bounded', bounded, settleMsMax).catch(() =>
      this.#find(`The server holds ${Math.round(after - before)} MiB more than before.`),
    );
    return after;
  }

  #look(server: ServerProcess, bystander: Bystander): void {
    if (server.child.alive) for (const fault of bystander.findings()) this.#find(`The bystander: ${fault}.`);
    else {
      this.#find('The server died.');
      this.#death = [...server.child.errorLines.slice(-30), ...this.#packetsBefore()];
    }
    for (const record of journalRecords(server.child.errorLines)) {
      if (record.level >= 50) this.#find(`The server's log has ${JSON.stringify(record)}.`);
    }
  }

  #packetsBefore(): string[] {
    const connections = [...this.#recent, ...this.#open].sort(([one], [other]) => one - other);
    return connections.flatMap(([number, { packets, ending }]) => [
      `connection ${number}${this.#open.has(number) ? ', open' : ''}: ${ending}`,
      ...packets.map(({ moment, bytes }) => `  ${moment}: ${bytes.toString('hex')}`),
    ]);
  }

  #find(sentence: string): void {
    if (this.#findings.length < 100) this.#findings.push(sentence);
  }
}

/** Of this machine's loopback addresses, so that no limit on one address keeps the others out. */
function sourceOf(number: number): { localAddress: string } | Record<string, never> {
  return process.platform === 'linux' ? { localAddress: `127.0.1.${1 + (number % 200)}` } : {};
}

/** How many sockets the server's process has open (proc(5), Linux); 0 where nobody can tell. */
function openSockets({ child: { pid } }: ServerProcess): number {
  if (process.platform !== 'linux') return 0;
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => {
    try {
      return readlinkSync(`${folder}/${name}`).startsWith('socket:');
    } catch {
      // Closed meanwhile.
      return false;
    }
  }).length;
}
