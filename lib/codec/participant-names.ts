import { varintBytes, writeVarint } from './wire-types.js';

/** Field 7 of the contract's Welcome, length-delimited: field number · 8 + 2. */
const tag = 0x3a;

const firstBytes = 256;

/** What lists share of which one goes on from the other. */
interface Store {
  bytes: Buffer;
  used: number;
  readonly names: string[];
}

/**
 * The names of participants, in the order of joining, encoded once for all welcomes that list them: as the
 * `participants` of a welcome. A list never changes. One that goes on from another shares its bytes.
 */
export class ParticipantNames {
  readonly #store: Store;
  readonly #count: number;
  readonly #end: number;

  private constructor(store: Store) {
    this.#store = store;
    this.#count = store.names.length;
    this.#end = store.used;
  }

  static of(names: Iterable<string>): ParticipantNames {
    const store: Store = { bytes: Buffer.allocUnsafeSlow(firstBytes), used: 0, names: [] };
    for (const name of names) append(store, name);
    return new ParticipantNames(store);
  }

  /** The same with `name` behind the others. */
  with(name: string): ParticipantNames {
    const store = this.#store;
    // Another list has gone on from this one already.
    if (store.names.length > this.#count) return ParticipantNames.of([...this.names, name]);
    append(store, name);
    return new ParticipantNames(store);
  }

  get names(): readonly string[] {
    return this.#store.names.slice(0, this.#count);
  }

  /** The encoding, which is not to be written to. */
  get encoded(): Buffer {
    return this.#store.bytes.subarray(0, this.#end);
  }
}

/** Adds to what is there, which stays as it is. */
function append(store: Store, name: string): void {
  const nameBytes = Buffer.byteLength(name);
  const bytes = 1 + varintBytes(nameBytes) + nameBytes;
  if (store.used + bytes > store.bytes.length) {
    const larger = Buffer.allocUnsafeSlow(2 * (store.used + bytes));
    store.bytes.copy(larger, 0, 0, store.used);
    store.bytes = larger;
  }
  store.bytes[store.used] = tag;
  const at = writeVarint(nameBytes, store.bytes, store.used + 1);
  store.used = at + store.bytes.write(name, at);
  store.names.push(name);
}
