import { decodeEvent } from '../codec/event-codec.js';
import { defaultLimits, type Limits, limitsThatMayBeZero } from '../core/limits.js';
import { within } from '../platform/deadline.js';
import { type HostPort, parseHostPort } from '../platform/host-port.js';
import { type Journal, silent } from '../platform/journal.js';
import { LifeSign, lastSeenAlive } from '../platform/life-sign.js';
import { RepeatedRecords } from '../platform/repeated-records.js';
import { Shares } from './access/shares.js';
import { ServerActor } from './actors/server-actor.js';
import { withinDescriptors } from './door/descriptors.js';
import type { StoreReport } from './log/at-rest/check-store.js';
import { type CutReport, checkedStore, type StoreCheckParts } from './log/at-rest/cut-store.js';
import { type StoredRoom, storedRooms } from './log/at-rest/stored-rooms.js';
import type { EventLog } from './log/event-log.js';
import type { Durability } from './log/lmdb/lmdb-store.js';
import { MemoryLog } from './log/memory-log.js';
import { openStore } from './log/write-ahead/open-store.js';
import { WriteAheadLog } from './log/write-ahead/write-ahead-log.js';
import { GrpcServer } from './rpc/grpc-server.js';

export { isGood as storeIsGood, type RoomReport, type StoreReport } from './log/at-rest/check-store.js';
export type { CutReport } from './log/at-rest/cut-store.js';
export { NoSuchRoom, type StoredRoom } from './log/at-rest/stored-rooms.js';
export { StoreInUse } from './log/event-log.js';
export { StoreDamaged } from './log/lmdb/lmdb-file.js';
export { NewerStore } from './log/lmdb/lmdb-store.js';
export type { Durability, HostPort, Journal, Limits };
export { defaultLimits };

export interface ServerOptions {
  /**
   * `HOST:PORT` (IPv6 as `[::1]:4000`) or its parts; default `127.0.0.1:4000`. Port 0 is a free one. Of a name all
   * addresses are listened on that it stands for and this machine has; localhost stands for 127.0.0.1 and ::1.
   */
  readonly listen?: string | HostPort;
  /** The directory of the durable store, made if need be. Needed unless `memory` is set. */
  readonly data?: string | undefined;
  /** Keep the store in memory: it ends with the server, and `data` is not used. */
  readonly memory?: boolean;
  /** What an acknowledged message survives [P4]: `power` (default) or only the end of the `process`. */
  readonly durability?: Durability;
  /** Whether events go to their streams past node:http2, at half the cost of going through it; default: true. */
  readonly fastLane?: boolean;
  /**
   * The store in `data` is an older copy that was put back: every room gets another log id at this start, and clients
   * are told HISTORY_LOST instead of being shown another history as theirs [P11]. Not for a store that was only moved.
   */
  readonly restored?: boolean;
  /** Limits other than the default ones [P12]: integers, 1 or more, some of them 0. */
  readonly limits?: Partial<Limits>;
  /** Where log records go [T3]; default: nowhere. */
  readonly journal?: Journal;
}

export interface ChatServer {
  /** The address it listens on, without port; of several the first. */
  readonly address: string;
  /** Its port, the same at all addresses. */
  readonly port: number;
  /** All addresses it listens on: a name such as localhost stands for several. */
  readonly addresses: readonly string[];
  /** Addresses of the name it was to listen on that this machine has not: no client reaches the server there. */
  readonly missingAddresses: readonly string[];
  /**
   * Ends the server: no new connections, a farewell to every participant, then all connections cut and the store
   * closed. Resolves within 5 seconds with the default limits, whatever peers do; further calls get the same promise.
   */
  close(): Promise<void>;
}

/**
 * Starts a chat server: opens its store and listens. Then, while it answers requests, it ends the sessions of its
 * earlier life. Rejects with `TypeError` or `RangeError` for options that make no sense, with `StoreInUse` where
 * another server has the store open, and with the system's error where a folder cannot be written or an address cannot
 * be listened on; nothing stays open then, and no session has ended.
 */
export async function createServer(options: ServerOptions): Promise<ChatServer> {
  const listen = listenAddress(options.listen ?? '127.0.0.1:4000');
  const asked = limitsWith(options.limits ?? {});
  const journal = new RepeatedRecords(options.journal ?? silent, { limits: asked, always: recordedAlways });
  const log = await openLog(options, asked, journal);
  try {
    const store = options.memory ? undefined : options.data;
    const lastSeen = store === undefined ? undefined : lastSeenAlive(store);
    const limits = withinDescriptors(asked, journal);
    const shares = new Shares(limits);
    const actors = new ServerActor({ log, limits, journal, shares });
    const { fastLane = true } = options;
    const grpc = new GrpcServer({ actors, limits, journal, shares, fastLane });
    const { host: address, port, others, missing } = await grpc.listen(listen);
    const addresses = [address, ...others];
    if (lastSeen !== undefined)
      journal.warn('ended-without-farewell', { lastSeen: new Date(lastSeen).toISOString(), log: store });
    const life = store === undefined ? undefined : new LifeSign(store, limits.lifeSignMs);
    const kept = options.memory ? 'memory' : options.data;
    journal.info('server-started', { address, addresses, port, log: kept, fastLane });
    // Not awaited: a room that is asked for comes first.
    void actors.repair();
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closed ??= closeServer({ actors, grpc, log, life, limits, journal });
      return closed;
    };
    return { address, port, addresses, missingAddresses: missing, close };
  } catch (error) {
    // What went wrong first is what the caller can mend.
    await log.close().catch((err) => journal.error('stop-failed', { err }));
    journal.close();
    throw error;
  }
}

/** See `checkedStore`: looks at all of a store that no server has open; `cut` makes it anew of what is good. */
export function checkStore(
  directory: string,
  options: Omit<StoreCheckParts, 'decode'> = {},
): Promise<StoreReport | CutReport> {
  return checkedStore(directory, { ...options, decode: decodeEvent });
}

/** See `storedRooms`: the rooms of a store that no server has open; those that `removed` names are removed for good. */
export function removeStoredRooms(directory: string, removed: readonly string[] = []): Promise<readonly StoredRoom[]> {
  return storedRooms(directory, removed, { decode: decodeEvent });
}

interface Running {
  readonly actors: ServerActor;
  readonly grpc: GrpcServer;
  readonly log: EventLog;
  readonly life: LifeSign | undefined;
  readonly limits: Limits;
  readonly journal: RepeatedRecords;
}

/** What is paid for by a durable event, or happens once in a server's life. */
const recordedAlways: ReadonlySet<string> = new Set([
  'broadcast-join',
  'broadcast-leave',
  'server-started',
  'server-stopping',
  'server-stopped',
]);

async function closeServer({ actors, grpc, log, life, limits, journal }: Running): Promise<void> {
  journal.info('server-stopping');
  const until = performance.now() + limits.stopMsMax;
  grpc.refuse();
  // A fault here must not keep what is below from being closed.
  const stopped = Promise.resolve(actors.stop()).catch((err) => journal.error('stop-failed', { err }));
  await within(limits.stopMsMax, stopped);
  await grpc.close(Math.max(0, until - performance.now()));
  // Peers that did not read are cut now, which ends their actors: the event log may have their last deeds to take in.
  await within(limits.cutMsMax, stopped);
  const snapshots = actors.writeSnapshots(AbortSignal.timeout(limits.closingSnapshotsMsMax));
  await snapshots.catch((err) => journal.error('stop-failed', { err }));
  // While the directory is still this process's own.
  life?.end();
  await log.close();
  journal.info('server-stopped');
  journal.close();
}

async function openLog(
  { data, memory = false, durability = 'power', restored = false }: ServerOptions,
  limits: Limits,
  journal: Journal,
): Promise<EventLog> {
  if (memory) return new MemoryLog(limits);
  if (!data) throw new TypeError('createServer needs a directory for its log (data), or memory: true.');
  const store = await openStore(data, {
    decode: decodeEvent,
    durability,
    growthBytes: limits.storeGrowthBytes,
    checkBytesMax: limits.storeCheckBytesMax,
    restored,
    renewed: (rooms) => journal.warn('log-ids-renewed', { rooms }),
    damaged: ({ kind, ...found }) => {
      const [level, event] = damageRecords[kind];
      journal[level](event, found);
    },
    segmentsDamaged: () => journal.error('segments-damaged', { log: data }),
  });
  try {
    return WriteAheadLog.open(data, store, {
      decode: decodeEvent,
      flushes: durability === 'power',
      takeOverBytes: limits.aheadTakeOverBytes,
      takeOverMs: limits.aheadTakeOverMs,
      waitingBytesMax: limits.aheadWaitingBytesMax,
      behind: (err, bytes) => journal.error('store-behind', { err, bytes }),
    });
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The log record of each kind of damage. */
const damageRecords = {
  event: ['error', 'event-damaged'],
  snapshot: ['warn', 'snapshot-damaged'],
  head: ['warn', 'head-rebuilt'],
} as const;

function listenAddress(listen: string | HostPort): HostPort {
  if (typeof listen !== 'string') return listen;
  const address = parseHostPort(listen, 0);
  if (!address) throw new TypeError('listen is HOST:PORT, such as 127.0.0.1:4000 or [::1]:4000.');
  return address;
}

function limitsWith(changes: Partial<Limits>): Limits {
  for (const [name, value] of Object.entries(changes)) {
    if (!(name in defaultLimits)) throw new TypeError(`There is no limit ${name}.`);
    const least = limitsThatMayBeZero.has(name as keyof Limits) ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(`The limit ${name} is an integer, ${least} or more.`);
    }
  }
  return { ...defaultLimits, ...changes };
}
