import type { Database, RootDatabase } from 'lmdb';
import { chainStart, nextChain } from '../../../core/chain.js';
import type { KnownEvent } from '../../../core/event.js';
import { checksumBytes, checksumSeed, eventSeed, sealAsDamaged, sealed } from '../checksum.js';
import { storedChain } from '../stored-entry.js';
import type { Databases } from './databases.js';

export interface UpgradeParts {
  /** Those of format 2, which are filled. */
  readonly to: Databases;
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
 * Brings a store of format 1 to format 2: moves all it has under new names, each value with a checksum, in slices of
 * one transaction each, so the next start goes on after a killed one. Entries of format 1 have no checksum, but their
 * chain covers nearly all that participants see: what does not follow from the event before is moved as damaged. Takes
 * about 10 µs an event.
 */
export function upgradeFormat1(root: RootDatabase, { to, decode, ensure }: UpgradeParts): void {
  const open = <Key extends string | [string, number]>(name: string) =>
    root.openDB<Buffer, Key>(name, { encoding: 'binary' });
  const [entries, heads] = [open<[room: string, sequence: number]>('entries'), open<string>('heads')];
  const snapshots = open<string>('snapshots');
  // Stores of format 1 had these for some days: what refers to them is replayed.
  const unsealedParts = open('snapshot-parts');
  root.transactionSync(() => {
    to.about.putSync('format', 2);
    to.about.putSync(upgrading, true);
  });
  const history = new MovedHistory(to.entries, decode);
  moveAll(root, entries, ensure, (key, value) => history.add(key, value));
  moveAll(root, heads, ensure, (room, value) => {
    const head = parsed(value) as { room?: unknown; logId?: unknown } | undefined;
    // A damaged head is left behind: it is made anew from the entries.
    if (typeof head?.logId !== 'string' || head.room !== room) return;
    to.heads.putSync(room, sealed(value, checksumSeed('head', room)));
    to.ids.putSync(room, sealed(Buffer.from(JSON.stringify(head.logId)), checksumSeed('id', room)));
  });
  moveAll(root, snapshots, ensure, (room, value) => {
    // A snapshot that is no JSON any more is left behind: what is before it is replayed.
    if (parsed(value)) to.snapshots.putSync([room, 0], sealed(value, checksumSeed('snapshot', room)));
  });
  root.transactionSync(() => {
    for (const database of [entries, heads, snapshots, unsealedParts]) database.dropSync();
    to.about.removeSync(upgrading);
  });
}

/** Takes all values out of `from`, in slices, and gives each to `move` within the transaction. */
function moveAll<Key extends string | [string, number]>(
  root: RootDatabase,
  from: Database<Buffer, Key>,
  ensure: UpgradeParts['ensure'],
  move: (key: Key, value: Buffer) => void,
): void {
  for (;;) {
    const slice: { readonly key: Key; readonly value: Buffer }[] = [];
    let bytes = 0;
    for (const entry of from.getRange({ limit: entriesPerSlice })) {
      if (slice.length > 0 && bytes + entry.value.length > bytesPerSlice) break;
      slice.push(entry);
      bytes += entry.value.length;
    }
    if (slice.length === 0) return;
    ensure(2 * (bytes + slice.length * 128));
    root.transactionSync(() => {
      for (const { key, value } of slice) {
        move(key, value);
        from.removeSync(key);
      }
    });
  }
}

/** A chain that the next event may go on from. */
interface Link {
  readonly sequence: number;
  readonly chain: string;
}

/** The entries that were moved, room by room in their order. */
class MovedHistory {
  readonly #to: Databases['entries'];
  readonly #decode: UpgradeParts['decode'];
  #room: string | undefined;
  #before: readonly Link[] = [];

  constructor(to: Databases['entries'], decode: UpgradeParts['decode']) {
    this.#to = to;
    this.#decode = decode;
  }

  add(key: [room: string, sequence: number], value: Buffer): void {
    const [room, sequence] = key;
    if (room !== this.#room) this.#before = this.#linksBefore(room, sequence);
    this.#room = room;
    const { sound, links } = this.#judge(value, sequence);
    const seed = eventSeed(checksumSeed('event', room), sequence);
    const stored = sealed(value, seed);
    this.#to.putSync(key, sound ? stored : sealAsDamaged(stored, seed));
    this.#before = links;
  }

  /** A killed start has moved these. */
  #linksBefore(room: string, sequence: number): Link[] {
    if (sequence === 1) return [{ sequence: 0, chain: chainStart }];
    const stored = this.#to.get([room, sequence - 1]);
    if (!stored || stored.length < checksumBytes + 8) return [];
    return [{ sequence: sequence - 1, chain: storedChain(stored) }];
  }

  /**
   * Whether an entry of format 1 follows from what is before it (where nothing is known of that, it does), and what may
   * follow from it: where it is damaged, either its chain is or what the chain is of.
   */
  #judge(value: Buffer, sequence: number): { readonly sound: boolean; readonly links: Link[] } {
    let event: KnownEvent;
    let chain: string;
    try {
      chain = value.toString('hex', 0, 8);
      event = this.#decode(value.subarray(eventPlace(value)));
    } catch {
      return { sound: false, links: [] };
    }
    const previous = this.#before.filter((link) => link.sequence === sequence - 1);
    const following = previous.map((link) => nextChain(link.chain, event));
    const agrees = event.sequence === sequence && event.chain === chain;
    const sound = agrees && (previous.length === 0 || following.includes(chain));
    const chains = sound ? [chain] : [...new Set([chain, event.chain, ...following])];
    return { sound, links: chains.map((each) => ({ sequence, chain: each })) };
  }
}

/** Where an entry of format 1 has its event: behind 8 bytes of chain · what it opens · if any, length (u16 BE), id. */
function eventPlace(value: Buffer): number {
  const opens = value.readUInt8(8);
  if (opens > 2) throw new RangeError('no entry of format 1');
  return opens === 0 ? 9 : 11 + value.readUInt16BE(9);
}

function parsed(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}
