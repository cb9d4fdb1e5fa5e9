import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CannotConnect, type ChatClient, connect } from '../../lib/client/index.js';
import { parsedOrRefused, printHelpIfAsked, wholeNumber } from '../scripts/script-help.js';
import { Endings } from '../system/endings.js';
import { eventually } from '../system/eventually.js';
import { heldMib, serverThatTellsItsMemory } from '../system/held-memory.js';
import { RawCaller } from '../system/raw-caller.js';
import { ServerProcess } from '../system/server-process.js';
import { TcpProxy } from '../system/tcp-proxy.js';
import { residenceOf } from './residence.js';
import { type Reading, risePerHour } from './trend.js';

const help = `npm run soak -- [--minutes N] [--participants N]

Whether a server, and the client library, hold on to anything over time [P12]: participants (60) talk in several rooms at a
moderate rate for an hour (--minutes 60), connections are cut and resumed, participants leave and others come.

Prints a line of JSON each minute: the server's memory, with and without what could be collected, its file descriptors and
threads, and what this process holds, in which all participants live. The last line has the rise per hour of each over the
second half.

Exit codes:
  0  in the end every participant is where its room is
  1  a participant was lost, or is not where its room is
  2  the command line makes no sense
`;

printHelpIfAsked(process.argv.slice(2), help);
const { values } = parsedOrRefused(() =>
  parseArgs({
    options: { minutes: { type: 'string', default: '60' }, participants: { type: 'string', default: '60' } },
  }),
);
const minutes = wholeNumber('--minutes', values.minutes, [1, 100_000]);
const participants = wholeNumber('--participants', values.participants, [1, 2_000]);
const rooms = ['attic', 'cellar', 'kitchen'];
const networks = 6;
const pauses = { betweenMessagesMs: 2_000, betweenLeavesMs: 2_000, betweenCutsMs: 10_000, betweenReadingsMs: 60_000 };

/** One place in the house: somebody is there, and when he leaves somebody else comes. */
class Seat {
  readonly room: string;
  readonly #server: string;
  readonly #number: number;
  #guests = 0;
  visit: ChatClient | undefined;
  losses = 0;

  constructor(number: number, server: string) {
    this.#number = number;
    this.#server = server;
    this.room = rooms[number % rooms.length] ?? '';
  }

  async come(): Promise<void> {
    this.#guests += 1;
    const name = `Guest ${this.#number}.${this.#guests}`;
    const visit = await this.#connect(name);
    visit.events$.subscribe();
    visit.status$.subscribe(({ state }) => {
      if (state === 'offline') this.losses += 1;
    });
    this.visit = visit;
  }

  /** Who joins for the first time does not try again by itself, and its connection may be cut just then. */
  async #connect(name: string): Promise<ChatClient> {
    for (;;) {
      try {
        return await connect({ server: this.#server, room: this.room, name, history: 10 });
      } catch (error) {
        if (!(error instanceof CannotConnect)) throw error;
      }
    }
  }

  async change(): Promise<void> {
    const { visit } = this;
    this.visit = undefined;
    await visit?.leave();
    await this.come();
  }
}

const count = { published: 0, unanswered: 0, changes: 0, cuts: 0 };

/** Does `act` again and again, about every `everyMs`, until the signal. */
async function again(everyMs: number, signal: AbortSignal, act: () => unknown): Promise<void> {
  while (!signal.aborted) {
    await pause(everyMs * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
    if (!signal.aborted) await act();
  }
}

function publish({ visit }: Seat): void {
  if (!visit) return;
  count.published += 1;
  visit.publish(`message ${count.published} of the long talk`).catch(() => {
    count.unanswered += 1;
  });
}

async function main(): Promise<number> {
  const endings = new Endings();
  const readings = new Map<string, Reading[]>();
  try {
    const server = await ServerProcess.start(endings, {
      program: serverThatTellsItsMemory,
      args: ['--log-level', 'warn'],
    });
    const proxies = await Promise.all(Array.from({ length: networks }, () => TcpProxy.start(endings, server.address)));
    const proxyOf = (number: number) => proxies[number % networks] as TcpProxy;
    const seats = Array.from({ length: participants }, (_, number) => new Seat(number, proxyOf(number).address));
    for (const seat of seats) await seat.come();

    const began = performance.now();
    const read = async () => {
      const held = await heldMib(server);
      globalThis.gc?.();
      const residence = residenceOf(server.child.pid);
      const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
      const own = { rssMib: rss / 2 ** 20, heldMib: (heapUsed + arrayBuffers) / 2 ** 20 };
      const elapsed = (performance.now() - began) / 60_000;
      const reading = {
        serverHeldMib: held,
        serverRssMib: residence.rssMib,
        serverAnonymousMib: residence.anonymousMib,
        serverFileDescriptors: residence.fileDescriptors,
        serverThreads: residence.threads,
        clientsHeldMib: own.heldMib,
        clientsRssMib: own.rssMib,
      };
      for (const [name, value] of Object.entries(reading)) {
        readings.set(name, [...(readings.get(name) ?? []), { hours: elapsed / 60, value }]);
      }
      const losses = seats.reduce((sum, seat) => sum + seat.losses, 0);
      process.stdout.write(`${JSON.stringify({ minute: round(elapsed), ...rounded(reading), ...count, losses })}\n`);
    };

    const over = AbortSignal.timeout(minutes * 60_000);
    setMaxListeners(2 * participants, over);
    let next = 0;
    await read();
    await Promise.all([
      ...seats.map((seat) => again(pauses.betweenMessagesMs, over, () => publish(seat))),
      again(pauses.betweenLeavesMs, over, async () => {
        count.changes += 1;
        await seats[next++ % seats.length]?.change();
      }),
      again(pauses.betweenCutsMs, over, () => {
        count.cuts += 1;
        proxyOf(count.cuts).cut();
      }),
      again(Math.min(pauses.betweenReadingsMs, minutes * 6_000), over, read),
    ]);
    const lost = await lostOf(endings, server, seats);
    await read();
    const half = minutes / 120;
    const rises = [...readings].map(
      ([name, all]) => [name, risePerHour(all.filter(({ hours }) => hours >= half))] as const,
    );
    const summary = { minutes, participants, ...count, lost, risePerHour: rounded(Object.fromEntries(rises)) };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    await Promise.all(seats.map(({ visit }) => visit?.leave()));
    return lost > 0 ? 1 : 0;
  } finally {
    await endings.run();
  }
}

/** How many participants do not come to where their room is, or are not counted in it. */
async function lostOf(endings: Endings, server: ServerProcess, seats: readonly Seat[]): Promise<number> {
  const caller = new RawCaller(endings, server.address);
  let lost = 0;
  for (const { name, sequence, participants: present } of await caller.rooms()) {
    const here = seats.filter(({ room }) => room === name);
    lost += Math.abs(here.length - present);
    for (const { visit } of here) {
      const reached = eventually('the newest event', () => (visit?.place.sequence ?? 0) >= sequence, 30_000);
      lost += await reached.then(
        () => 0,
        () => 1,
      );
    }
  }
  return lost;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function rounded(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, round(value)]));
}

process.exitCode = await main();
