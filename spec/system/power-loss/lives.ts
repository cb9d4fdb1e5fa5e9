import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { segmentNames } from '../../../lib/server/log/write-ahead/segment.js';
import { decodeSegment, framesAt } from '../../../lib/server/log/write-ahead/segment-format.js';
import { Child } from '../child.js';
import { Endings } from '../endings.js';
import { eventually } from '../eventually.js';
import { projectFile } from '../project.js';
import { RawCaller } from '../raw-caller.js';
import { ServerProcess } from '../server-process.js';
import { TcpProxy } from '../tcp-proxy.js';
import { Speaker } from './speaker.js';
import { straceOptions } from './system-calls.js';
import { Witness } from './witness.js';

/** A life of the store: a process that had it open, all of whose calls are recorded. */
export interface Life {
  readonly kind: LifeKind;
  /**
   * The SHA-256 of each file in the store's directory as it was when the process had ended, by name, LMDB's lock file
   * left out.
   */
  readonly files: Readonly<Record<string, string>>;
}

export type LifeKind =
  /** A server that was asked to stop. */
  | 'stopped'
  /** A server that was killed. */
  | 'killed'
  /** The same; and now and then its segments could not be flushed. */
  | 'refused'
  /** `chit-server rooms --remove`, of `removedRoom`. */
  | 'removing';

export const removedRoom = 'attic';

/** What is kept beside the records of strace. */
export interface LivesJson {
  /** The directory below which everything was. */
  readonly root: string;
  readonly lives: readonly Life[];
}

export interface LivesOptions {
  /** An empty directory, for the records and the store. */
  readonly directory: string;
  readonly kinds: readonly LifeKind[];
  /** With so many generations of segments each server's life ends … */
  readonly generations: number;
  /** … or a moment later that is left to chance, at most so much, in milliseconds. */
  readonly laterMsMax: number;
  readonly durability: 'power' | 'process';
}

export const allLives: readonly LifeKind[] = ['stopped', 'killed', 'refused', 'removing', 'stopped'];

export const recordName = (life: number): string => `life-${life}.strace`;

/**
 * Has the lives of a store follow each other, each under strace, with participants who talk in several rooms, and keeps
 * what they know.
 */
export async function recordLives({ directory, kinds, durability, ...until }: LivesOptions): Promise<void> {
  const root = join(directory, 'disk');
  mkdirSync(root);
  const data = join(root, 'data');
  const witness = new Witness();
  const lives: Life[] = [];
  for (const [index, kind] of kinds.entries()) {
    const endings = new Endings();
    const record = join(directory, recordName(index + 1));
    const program = [
      // Later versions of Node have calls that strace does not see, where they may.
      ...['env', 'UV_USE_IO_URING=0', 'strace', ...straceOptions, '-o', record],
      ...[process.execPath, '--import', beforehand(kind), projectFile('bin/chit-server')],
    ] as const;
    try {
      if (kind === 'removing') await remove(endings, [...program, 'rooms', '--remove', removedRoom, data]);
      else {
        const server = await ServerProcess.start(endings, {
          ...{ data, program: program as readonly [string, ...string[]] },
          args: ['--durability', durability, '--publishes-per-second-max', '0', '--log-level', 'warn'],
        });
        const speakers = await talk(endings, { life: index + 1, server: server.address, data, witness, ...until });
        // strace passes no signal on.
        process.kill(
          Number(/^\d+/.exec(readFileSync(record, 'latin1').slice(0, 20))?.[0]),
          kind === 'stopped' ? 'SIGTERM' : 'SIGKILL',
        );
        await server.child.ended;
        for (const speaker of speakers) speaker.stop();
      }
    } finally {
      await endings.run();
    }
    lives.push({ kind, files: digestsIn(data) });
  }
  await readAll(data, witness);
  writeFileSync(join(directory, 'lives.json'), JSON.stringify({ root, lives } satisfies LivesJson));
  writeFileSync(join(directory, 'witness.json'), JSON.stringify(witness));
}

/**
 * Loaded before the program: it takes itself for one of another life of the operating system, as after a loss of power
 * it is. Where flushes are to be refused, one of `flushesPerRefusal` of Node's fdatasync, which is that of segments,
 * fails without having done anything.
 */
function beforehand(kind: LifeKind): string {
  const code = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { readFileSync, fdatasync } = fs;
fs.readFileSync = (path, ...rest) =>
  path === '/proc/sys/kernel/random/boot_id' ? 'the-life-before\\n' : readFileSync(path, ...rest);
let flushes = 0;
if (${kind === 'refused'}) fs.fdatasync = (file, done) => {
  flushes += 1;
  if (flushes % ${flushesPerRefusal} > 0) return fdatasync(file, done);
  setImmediate(done, Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', errno: -5, syscall: 'fdatasync' }));
};
syncBuiltinESMExports();
`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

const flushesPerRefusal = 60;

async function remove(endings: Endings, [command, ...args]: readonly string[]): Promise<void> {
  const child = new Child(endings, command as string, args);
  const code = await child.ended;
  if (code !== 0) throw new Error(`the room was not removed (${code}): ${child.errorLines.join('\n')}`);
}

interface Talk extends Pick<LivesOptions, 'generations' | 'laterMsMax'> {
  readonly life: number;
  readonly server: string;
  readonly data: string;
  readonly witness: Witness;
}

const talksPerGuest = 12;

/** Resolves at some moment after there were so many generations of segments, with those who go on talking. */
async function talk(endings: Endings, parts: Talk): Promise<readonly Speaker[]> {
  const { life, server, data, witness, generations, laterMsMax } = parts;
  const proxy = await TcpProxy.start(endings, server);
  const enter = async (who: string, room: string, through = server): Promise<Speaker> => {
    // Not the name of a session of an earlier life, which may come back.
    const name = `${who}-${life}`;
    const speaker = new Speaker(endings, { life, name, room, server: through, underWay: 2, witness });
    await speaker.join();
    return speaker;
  };
  const speakers = await Promise.all([
    ...['Ada', 'Ben'].map((name) => enter(name, 'hall')),
    enter('Cleo', 'kitchen'),
    enter('Dan', 'kitchen', proxy.address),
    enter('Eve', removedRoom),
  ]);
  let isOver = false;
  const guests = async (): Promise<void> => {
    for (let count = 1; !isOver; count += 1) {
      const guest = await enter(`Guest-${count}`, 'hall');
      speakers.push(guest);
      await eventually('the guest has talked', () => isOver || guest.acknowledged >= talksPerGuest);
      if (isOver) return;
      await guest.leave();
      proxy.cut();
    }
  };
  const coming = guests();
  try {
    await eventually('enough segments', () => newestGeneration(data) >= generations, 60_000);
    if (laterMsMax > 0) await pause(Math.random() * laterMsMax);
  } finally {
    isOver = true;
    await coming;
  }
  return speakers;
}

function newestGeneration(data: string): number {
  const header = Buffer.alloc(framesAt);
  const generations = segmentNames.map((name) => {
    const file = openSync(join(data, name), 'r');
    try {
      const length = readSync(file, header, 0, framesAt, 0);
      return decodeSegment(header.subarray(0, length)).header?.generation ?? 0;
    } finally {
      closeSync(file);
    }
  });
  return Math.max(...generations);
}

/** What is there in the end: it may have been told to participants whose process did not come to see it. */
async function readAll(data: string, witness: Witness): Promise<void> {
  const endings = new Endings();
  try {
    const { address } = await ServerProcess.start(endings, { data });
    const caller = new RawCaller(endings, address);
    const now = Date.now();
    for (const { name } of await caller.rooms()) {
      const { logId } = await caller.historyPage(name, 0, 1);
      for (const event of await caller.history(name)) witness.see(name, logId, event, now);
    }
  } finally {
    await endings.run();
  }
}

export function digestsIn(data: string): Record<string, string> {
  const names = readdirSync(data).filter((name) => name !== 'lock.mdb');
  return Object.fromEntries(names.map((name) => [name, digestOf(readFileSync(join(data, name)))]));
}

export function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
