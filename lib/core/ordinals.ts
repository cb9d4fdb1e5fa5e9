/**
 * How many ordinals are a part. What a store has was written with this number: another one is another format of the
 * store.
 */
export const pairsPerPart = 64;

/** `pairsPerPart` ordinals of one session that follow each other. It never changes, so it is stored once. */
export interface OrdinalsPart {
  /** The sequence of the event that its last ordinal became: no other part of its room has it. */
  readonly through: number;
  /** Its pairs of ordinal and sequence (`encodeRemembered`, latin1). */
  readonly pairs: string;
}

/** What became of a session's parts when an ordinal was accepted. */
export interface PartsChange {
  /** The part that is full now. */
  readonly filled: OrdinalsPart | undefined;
  /** `through` of parts that are no longer needed. */
  readonly forgotten: readonly number[];
}

/** Which parts belong to a session's ordinals. */
export interface PartsRange {
  /** `through` of the oldest … */
  readonly first: number;
  /** … and of the newest. */
  readonly last: number;
  readonly count: number;
  /** How many ordinals of the oldest part are forgotten. */
  readonly forgotten: number;
}

interface KnownPart extends OrdinalsPart {
  readonly firstOrdinal: number;
}

/**
 * The newest accepted ordinals of one session and the sequences of the events they became [P5]: full parts, which are
 * encoded, and the rest.
 */
export class Ordinals {
  readonly #parts: KnownPart[];
  /** Of the oldest part. */
  #forgotten: number;
  /** The rest: both rise. */
  #ordinals: number[] = [];
  #sequences: number[] = [];
  /** What `rest` gave, until that changes: most sessions have said nothing since the last snapshot. */
  #encoded: string | undefined = '';
  #newest: number;

  /** `parts`, oldest first, of the oldest of which the first `forgotten` ordinals are not remembered. */
  constructor(parts: readonly OrdinalsPart[] = [], forgotten = 0) {
    this.#parts = parts.map(known);
    this.#forgotten = forgotten;
    const part = parts.at(-1);
    this.#newest = part ? (decoded(part).ordinals.at(-1) as number) : 0;
  }

  /** The newest accepted ordinal; 0 before the first. */
  get newest(): number {
    return this.#newest;
  }

  /** How many are remembered. */
  get count(): number {
    return this.#parts.length * pairsPerPart - this.#forgotten + this.#ordinals.length;
  }

  /** The event that `ordinal` became; undefined if it was never accepted or is no longer remembered. */
  sequenceOf(ordinal: number): number | undefined {
    const inRest = this.#ordinals.indexOf(ordinal);
    if (inRest >= 0) return this.#sequences[inRest];
    const part = this.#parts.findLast(({ firstOrdinal }) => firstOrdinal <= ordinal);
    if (!part) return undefined;
    const { ordinals, sequences } = decoded(part);
    const index = ordinals.indexOf(ordinal);
    return part === this.#parts[0] && index < this.#forgotten ? undefined : sequences[index];
  }

  /** Adds an ordinal greater than all before; forgets the oldest over `rememberedMax`. Undefined if no part changed. */
  accept(ordinal: number, sequence: number, rememberedMax: number): PartsChange | undefined {
    this.#ordinals.push(ordinal);
    this.#sequences.push(sequence);
    this.#newest = ordinal;
    this.#encoded = undefined;
    const filled = this.#ordinals.length < pairsPerPart ? undefined : this.#fillPart();
    const forgotten = this.count > rememberedMax ? this.#forget(rememberedMax) : none;
    return filled || forgotten.length > 0 ? { filled, forgotten } : undefined;
  }

  /** Those that are in no part, as text (`encodeRemembered`, base64). */
  rest(): string {
    this.#encoded ??= encodeRemembered({ ordinals: this.#ordinals, sequences: this.#sequences }, 'base64');
    return this.#encoded;
  }

  /** Undefined where there are no parts. */
  partsRange(): PartsRange | undefined {
    const [oldest] = this.#parts;
    const newest = this.#parts.at(-1);
    if (!oldest || !newest) return undefined;
    return { first: oldest.through, last: newest.through, count: this.#parts.length, forgotten: this.#forgotten };
  }

  /** `through` of all parts. */
  partsThrough(): number[] {
    return this.#parts.map(({ through }) => through);
  }

  /** All that are remembered, oldest first. */
  remembered(): RememberedOrdinals {
    const parts = this.#parts.map(decoded);
    return {
      ordinals: [...parts.flatMap(({ ordinals }) => ordinals).slice(this.#forgotten), ...this.#ordinals],
      sequences: [...parts.flatMap(({ sequences }) => sequences).slice(this.#forgotten), ...this.#sequences],
    };
  }

  #fillPart(): OrdinalsPart {
    const pairs = encodeRemembered({ ordinals: this.#ordinals, sequences: this.#sequences }, 'latin1');
    const part = {
      through: this.#sequences.at(-1) as number,
      pairs,
      firstOrdinal: this.#ordinals[0] as number,
    };
    this.#parts.push(part);
    this.#ordinals = [];
    this.#sequences = [];
    this.#encoded = '';
    return part;
  }

  #forget(rememberedMax: number): readonly number[] {
    const gone: number[] = [];
    while (this.count > rememberedMax) {
      if (this.#parts.length === 0) {
        this.#ordinals.shift();
        this.#sequences.shift();
        continue;
      }
      this.#forgotten += 1;
      if (this.#forgotten < pairsPerPart) continue;
      this.#forgotten = 0;
      gone.push((this.#parts.shift() as KnownPart).through);
    }
    return gone;
  }
}

const none: readonly number[] = [];

function known({ through, pairs }: OrdinalsPart): KnownPart {
  const [firstOrdinal] = decodeRemembered(pairs, 'latin1', 1).ordinals;
  if (firstOrdinal === undefined) throw new RangeError(`the ordinals up to event ${through} are none`);
  return { through, pairs, firstOrdinal };
}

function decoded({ pairs }: OrdinalsPart): RememberedOrdinals {
  return decodeRemembered(pairs, 'latin1');
}

/** Accepted ordinals and the sequences of the events they became: both rise, and have the same length. */
export interface RememberedOrdinals {
  readonly ordinals: readonly number[];
  readonly sequences: readonly number[];
}

/** How an encoding's bytes are a string: `base64` within JSON, `latin1` (a byte a character) where bytes are stored. */
export type PairsEncoding = 'base64' | 'latin1';

/**
 * The pairs as text: for each, twice what its sequence is more than the one before, and 1 more if its ordinal is not
 * the next one, upon which follows what that is more. Numbers have 7 bits a byte, the lowest first, and a set eighth
 * bit where more follow. Sequences are less than 2^52.
 */
export function encodeRemembered({ ordinals, sequences }: RememberedOrdinals, encoding: PairsEncoding): string {
  const bytes: number[] = [];
  let ordinal = 0;
  let sequence = 0;
  for (let index = 0; index < ordinals.length; index += 1) {
    const rise = (ordinals[index] as number) - ordinal;
    ordinal += rise;
    const later = (sequences[index] as number) - sequence;
    sequence += later;
    write(later * 2 + (rise === 1 ? 0 : 1), bytes);
    if (rise !== 1) write(rise, bytes);
  }
  const text = String.fromCharCode(...bytes);
  return encoding === 'base64' ? btoa(text) : text;
}

/** The pairs of `text`, or its first `max`. Throws where it is no such encoding, as far as it is read. */
export function decodeRemembered(
  text: string,
  encoding: PairsEncoding,
  max = Number.POSITIVE_INFINITY,
): { ordinals: number[]; sequences: number[] } {
  const bytes = encoding === 'base64' ? atob(text) : text;
  const ordinals: number[] = [];
  const sequences: number[] = [];
  let at = 0;
  const read = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = bytes.charCodeAt(at++);
      if (Number.isNaN(byte)) throw new RangeError('the remembered ordinals end in the middle of a number');
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  };
  let ordinal = 0;
  let sequence = 0;
  while (at < bytes.length && ordinals.length < max) {
    const later = read();
    sequence += Math.floor(later / 2);
    ordinal += later % 2 === 0 ? 1 : read();
    ordinals.push(ordinal);
    sequences.push(sequence);
  }
  return { ordinals, sequences };
}

function write(value: number, bytes: number[]): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

/**
 * The accepted ordinals of sessions that are over, so that a publish whose answer was lost can still be repeated and
 * finds the event it became [P5]. Bounded by the number of ordinals; the oldest session goes first.
 */
export class EndedSessions {
  readonly #sessions = new Map<string, Ordinals>();
  #count = 0;

  /** Keeps what `session` said; forgets the oldest sessions over `ordinalsMax`, and gives what they said. */
  add(session: string, ordinals: Ordinals, ordinalsMax: number): readonly Ordinals[] {
    if (ordinals.count === 0) return [];
    const forgotten = this.#forget(session);
    this.#sessions.set(session, ordinals);
    this.#count += ordinals.count;
    for (const oldest of this.#sessions.keys()) {
      if (this.#count <= ordinalsMax) break;
      forgotten.push(...this.#forget(oldest));
    }
    return forgotten;
  }

  /** How many ordinals are remembered. */
  get count(): number {
    return this.#count;
  }

  /** Forgets all sessions, and gives what they said. */
  clear(): readonly Ordinals[] {
    const all = [...this.#sessions.values()];
    this.#sessions.clear();
    this.#count = 0;
    return all;
  }

  /** The event that a publish of an ended session became; undefined if that is not known. */
  sequenceOf(session: string, ordinal: number): number | undefined {
    return this.#sessions.get(session)?.sequenceOf(ordinal);
  }

  /** Each session with its ordinals, oldest first. */
  entries(): IterableIterator<[session: string, ordinals: Ordinals]> {
    return this.#sessions.entries();
  }

  #forget(session: string): Ordinals[] {
    const ordinals = this.#sessions.get(session);
    if (!ordinals) return [];
    this.#count -= ordinals.count;
    this.#sessions.delete(session);
    return [ordinals];
  }
}
