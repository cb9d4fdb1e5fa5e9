import type { Database, RootDatabase } from 'lmdb';
import { chainStart, nextChain } from '../../../core/chain.js';
import type { KnownEvent } from '../../../core/event.js';
import { checksumBytes, checksumSeed, eventSeed, seal, sealAsDamaged, sealed } from './checksum.js';

/** The databases of a store of format 2, which are filled. */
export interface UpgradedDatabases {
  readonly about: Database<unknown, string>;
  readonly entries: Database<Buffer, [room: string, sequence: number]>;
  readonly heads: Database<Buffer, string>;
  readonly ids: Database<Buffer, string>;
  readonly snapshots: Database<Buffer, [room: string, slot: 0 | 1]>;
}

export interface UpgradeParts {
  readonly decode: (bytes: Buffer) => KnownEvent;
  /** Sees to it that so many bytes can be written; throws where the disk is full. */
  readonly ensure: (bytes: number) => void;
}

/** What one transaction moves: a start that is killed meanwhile has that much to do again. */
const entriesPerSlice = 4096;
const bytesPerSlice = 4 * 1024 * 1024;

/** Under this name a store that is on its way says so. */
export const upgrading = 'upgrading';

/**
 * Brings a store of format 1 to format 2: moves all it has under new names, each value with a checksum, in slices of one
 * transaction each, so that a killed start is gone on with by the next one. Entries of format 1 have no checksum, but the chain is one
 * of nearly all that participants see: what does not follow from the event before it is moved as damaged. Takes about 10 µs an event.
 */
export function upgradeFormat1(root: RootDatabase, to: UpgradedDatabases, parts: UpgradeParts): void {
  const open = (name: string) => root.openDB<Buffer, never>(name, { encoding: 'binary' });
  const from = { entries: open('entries'), heads: open('heads'), snapshots: open('snapshots') };
  // For some days a store of format 1 had these: what refers to them is replayed.
  const unsealedParts = open('snapshot-parts');
  root.transactionSync(() => {
    to.about.putSync('format', 2);
    to.about.putSync(upgrading, true);
  });
  while (moveEntries(root, from.entries as never, to.entries, parts));
  while (moveHeads(root, from.heads as never, to, parts));
  while (moveSnapshots(root, from.snapshots as never, to, parts));
  root.transactionSync(() => {
    for (const database of [...Object.values(from), unsealedParts]) database.dropSync();
    to.about.removeSync(upgrading);
  });
}

/** The first of what `database` has, as much as is moved at once. */
function slice<K extends Parameters<Database['get']>[0]>(database: Database<Buffer, K>, countMax: number) {
  const found: { readonly key: K; readonly value: Buffer }[] = [];
  let bytes = 0;
  for (const { key, value } of database.getRange({ limit: countMax })) {
    if (found.length > 0 && bytes + value.length > bytesPerSlice) break;
    found.push({ key, value });
    bytes += value.length;
  }
  return { found, bytes: bytes + found.length * 128 };
}

function moveEntries(
  root: RootDatabase,
  from: Database<Buffer, [room: string, sequence: number]>,
  to: UpgradedDatabases['entries'],
  { decode, ensure }: UpgradeParts,
): boolean {
  const { found, bytes } = slice(from, entriesPerSlice);
  ensure(2 * bytes);
  let room: string | undefined;
  let before: Link[] = [];
  root.transactionSync(() => {
    for (const { key, value } of found) {
      if (key[0] !== room) {
        room = key[0];
        before = linksBefore(to, key);
      }
      const stored = Buffer.alloc(checksumBytes + value.length);
      stored.set(value, checksumBytes);
      const seed = eventSeed(checksumSeed('event', room), key[1]);
      const { sound, links } = judged(value, key[1], before, decode);
      to.putSync(key, sound ? seal(stored, seed) : sealAsDamaged(stored, seed));
      from.removeSync(key);
      before = links;
    }
  });
  return found.length > 0;
}

/** A chain that the next event may go on from. */
interface Link {
  readonly sequence: number;
  readonly chain: string;
}

function linksBefore(to: UpgradedDatabases['entries'], [room, sequence]: [string, number]): Link[] {
  if (sequence === 1) return [{ sequence: 0, chain: chainStart }];
  const stored = to.get([room, sequence - 1]);
  if (!stored || stored.length < checksumBytes + 8) return [];
  return [{ sequence: sequence - 1, chain: stored.toString('hex', checksumBytes, checksumBytes + 8) }];
}

/**
 * Whether an entry of format 1 follows from what is before it (where nothing is known of that, it does), and what may follow
 * from it: where it is damaged, either its chain is or what the chain is of.
 */
function judged(value: Buffer, sequence: number, before: readonly Link[], decode: UpgradeParts['decode']) {
  let event: KnownEvent;
  let chain: string;
  try {
    chain = value.toString('hex', 0, 8);
    event = decode(value.subarray(eventPlace(value)));
  } catch {
    return { sound: false, links: [] };
  }
  const previous = before.filter((link) => link.sequence === sequence - 1);
  const following = previous.map((link) => nextChain(link.chain, event));
  const agrees = event.sequence === sequence && event.chain === chain;
  const sound = agrees && (previous.length === 0 || following.includes(chain));
  const chains = sound ? [chain] : [...new Set([chain, event.chain, ...following])];
  return { sound, links: chains.map((each) => ({ sequence, chain: each })) };
}

/** Where an entry of format 1 has its event: 8 bytes of chain · 1 byte what it opens · if anything, a length (u16 BE) and an id. */
function eventPlace(value: Buffer): number {
  const opens = value.readUInt8(8);
  if (opens > 2) throw new RangeError('no entry of format 1');
  return opens === 0 ? 9 : 11 + value.readUInt16BE(9);
}

/** A head that is damaged is left behind: it is made anew from the entries. */
function moveHeads(
  root: RootDatabase,
  from: Database<Buffer, string>,
  { heads, ids }: UpgradedDatabases,
  { ensure }: UpgradeParts,
): boolean {
  const { found, bytes } = slice(from, entriesPerSlice);
  ensure(2 * bytes);
  root.transactionSync(() => {
    for (const { key: room, value } of found) {
      from.removeSync(room);
      const head = parsed(value) as { room?: unknown; logId?: unknown } | undefined;
      if (typeof head?.logId !== 'string' || head.room !== room) continue;
      heads.putSync(room, sealed(value, checksumSeed('head', room)));
      ids.putSync(room, sealed(Buffer.from(JSON.stringify(head.logId)), checksumSeed('id', room)));
    }
  });
  return found.length > 0;
}

/** A snapshot that is no JSON any more is left behind: what is before it is replayed. */
function moveSnapshots(
  root: RootDatabase,
  from: Database<Buffer, string>,
  { snapshots }: UpgradedDatabases,
  { ensure }: UpgradeParts,
): boolean {
  const { found, bytes } = slice(from, entriesPerSlice);
  ensure(2 * bytes);
  root.transactionSync(() => {
    for (const { key: room, value } of found) {
      from.removeSync(room);
      if (parsed(value)) snapshots.putSync([room, 0], sealed(value, checksumSeed('snapshot', room)));
    }
  });
  return found.length > 0;
}

function parsed(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}
