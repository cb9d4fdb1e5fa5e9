import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ClientLogReader } from '../../lib/trace/history/logs/client-log-reader.js';
import { Random } from '../simulation/random.js';
import type { Endings } from '../system/endings.js';
import { eventually } from '../system/eventually.js';
import { TcpProxy } from '../system/tcp-proxy.js';
import type { HistoryRecorder } from '../trace/recorder.js';
import type { Attacker } from './attacker.js';
import { attackerAddress } from './attacker-address.js';
import { Bystanders } from './bystanders.js';
import { CastMember } from './cast-member.js';
import { Churn } from './churn.js';
import { CrowdMember } from './crowd-member.js';
import type { Findings } from './findings.js';
import { FrameAttacker } from './frame-attacker.js';
import type { Member } from './member.js';
import { Retrier } from './retrier.js';
import { RudeClient } from './rude-client.js';
import type { TortureOptions } from './torture-options.js';
import { TorturedServer } from './tortured-server.js';
import { UnreadReads } from './unread-reads.js';

/** The rooms that are judged. */
export const rooms = ['lobby', 'tea', 'annex'] as const;
export const networkCount = 6;
const retrierCount = 2;
const rudeCount = 3;

/** The clients' own limits, so short that a run sees them reached; half of the chit-clients keep the default ones. */
export const shortLimits = { keepaliveMs: 1_500, keepaliveTimeoutMs: 2_000, backOffMsMax: 2_000 };

/** How long everybody may take to come in, in milliseconds. */
const comingMsMax = 60_000;

export type AttackKind = 'hostile-frames' | 'unread-reads' | 'churn';

/** Everybody and everything that takes part. */
export interface Town {
  readonly server: TorturedServer;
  /** Those that faults hit. */
  readonly networks: readonly TcpProxy[];
  readonly cast: readonly CastMember[];
  readonly crowd: readonly CrowdMember[];
  readonly retriers: readonly Retrier[];
  readonly rude: readonly RudeClient[];
  readonly attackers: Readonly<Record<AttackKind, Attacker>>;
  readonly bystanders: Bystanders;
  /** One who speaks and one who listens, on a network that nothing hits. */
  readonly standing: readonly [speaker: CrowdMember, listener: CrowdMember];
  /** All who are to have everything in the end. */
  readonly members: readonly Member[];
  /** Who is on the network of this number. */
  readonly on: (network: number) => readonly Member[];
}

export interface TownParts {
  readonly options: Pick<TortureOptions, 'seed' | 'cast' | 'crowd'>;
  readonly endings: Endings;
  /** Of all files. */
  readonly directory: string;
  readonly recorder: HistoryRecorder;
  readonly findings: Findings;
  readonly random: Random;
  /** A planned time, which ends early where the run does. */
  readonly rest: (ms: number) => Promise<void>;
}

/** Starts the server and lets everybody in. */
export async function settle(parts: TownParts): Promise<Town> {
  const { options, endings, directory, recorder, findings, random, rest } = parts;
  const data = join(directory, 'store');
  mkdirSync(data);
  const from = await attackerAddress();
  const networks = await Promise.all(Array.from({ length: networkCount }, () => TcpProxy.start(endings, '')));
  const quiet = await TcpProxy.start(endings, '');
  const attackersWay = await TcpProxy.start(endings, '', { from });
  const shared = { endings, findings, rest };
  const server = await TorturedServer.start({
    ...shared,
    data,
    rooms,
    networks: [...networks, quiet, attackersWay],
  });
  const networkOf = (number: number) => (networks[number % networkCount] as TcpProxy).address;

  const cast = Array.from({ length: options.cast }, (_, number) => {
    const name = `Actor ${number}`;
    return new CastMember({
      ...shared,
      name,
      room: rooms[number % rooms.length] as string,
      server: networkOf(number),
      directory,
      log: new ClientLogReader(recorder.client(name).steps, { sharedClock: true }),
      limits: number % 2 === 0 ? shortLimits : {},
      keepsPlace: number % 3 !== 2,
    });
  });
  const libraryClient = (name: string, seed: number) => {
    const record = recorder.client(name);
    const own = new Random(options.seed + 1 + seed);
    return {
      ...shared,
      name,
      record,
      log: new ClientLogReader(record.steps, { sharedClock: true }),
      random: () => own.next(),
    };
  };
  const crowd = Array.from({ length: options.crowd }, (_, number) => {
    const own = rooms[number % rooms.length] as string;
    const second = rooms[(number + 1) % rooms.length] as string;
    return new CrowdMember({
      ...libraryClient(`Citizen ${number}`, number),
      server: networkOf(number),
      rooms: number % 4 === 3 ? [own, second] : [own],
    });
  });
  const retriers = Array.from({ length: retrierCount }, (_, number) => {
    const name = `Retrier ${number}`;
    const record = recorder.client(name, { keepsClock: false });
    const servers = [0, 1, 2, 3].map((copy) => networkOf(number + copy));
    return new Retrier({ ...shared, name, room: rooms[number % rooms.length] as string, servers, record });
  });
  const rude = Array.from({ length: rudeCount }, (_, number) => {
    const name = `Rude ${number}`;
    const record = recorder.client(name, { keepsClock: false });
    const room = rooms[number % rooms.length] as string;
    return new RudeClient({ ...shared, name, room, server, record, random: () => random.next() });
  });
  const bystanders = new Bystanders(server);
  const [speaker, listener] = ['Speaker', 'Listener'].map((name, number) => {
    const heard = { heard: (event: Parameters<Bystanders['heard']>[0]) => bystanders.heard(event) };
    return new CrowdMember({
      ...libraryClient(name, options.crowd + number),
      server: quiet.address,
      rooms: [rooms[0]],
      ...(name === 'Listener' ? heard : {}),
    });
  }) as [CrowdMember, CrowdMember];

  const attack = { server, from, rest };
  const recordOf = (loop: number) => recorder.client(`Churn ${loop}`, { keepsClock: false });
  const attackers = {
    'hostile-frames': new FrameAttacker(attack),
    'unread-reads': new UnreadReads(attack, rooms),
    churn: new Churn({ ...attack, way: attackersWay.address, rooms, recordOf }),
  };

  await Promise.all([...crowd, speaker, listener].map((one) => one.come()));
  await eventually(
    () => `everybody comes in; missing: ${missing([...cast, ...crowd])}`,
    () => cast.every(({ live }) => live),
    comingMsMax,
  );
  return {
    server,
    networks,
    cast,
    crowd,
    retriers,
    rude,
    attackers,
    bystanders,
    standing: [speaker, listener],
    members: [...cast, ...crowd, ...retriers, speaker, listener],
    on: (network) => [
      ...cast.filter((_, number) => number % networkCount === network),
      ...crowd.filter((_, number) => number % networkCount === network),
    ],
  };
}

function missing(
  members: readonly { readonly name: string; readonly live: boolean; readonly lastWords: string }[],
): string {
  return members
    .filter(({ live }) => !live)
    .map(({ name, lastWords }) => `${name} (${lastWords})`)
    .join(', ');
}
