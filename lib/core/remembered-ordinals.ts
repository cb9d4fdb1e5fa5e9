/** Accepted ordinals and the sequences of the events they became: both rise, and have the same length. */
export interface RememberedOrdinals {
  readonly ordinals: readonly number[];
  readonly sequences: readonly number[];
}

/** How the bytes of an encoding are a string: `base64` within JSON, `latin1` (a byte a character) where bytes are stored. */
export type PairsEncoding = 'base64' | 'latin1';

/** What one ordinal and its sequence take at most: two numbers up to 2^53 of 7 bits a byte. */
const pairBytesMax = 16;

/** Where encodings are written before they are strings. */
let scratch = Buffer.allocUnsafeSlow(64 * pairBytesMax);

/**
 * The pairs as text: for each, twice what its sequence is more than the one before, and 1 more if its ordinal is not the
 * next one, upon which follows what that is more. Numbers have 7 bits a byte, the lowest first, and a set eighth bit where
 * more follow. Sequences are less than 2^52.
 */
export function encodeRemembered({ ordinals, sequences }: RememberedOrdinals, encoding: PairsEncoding): string {
  const bytesMax = ordinals.length * pairBytesMax;
  if (scratch.length < bytesMax) scratch = Buffer.allocUnsafeSlow(bytesMax);
  let at = 0;
  let ordinal = 0;
  let sequence = 0;
  for (let index = 0; index < ordinals.length; index += 1) {
    const rise = (ordinals[index] as number) - ordinal;
    ordinal += rise;
    const later = (sequences[index] as number) - sequence;
    sequence += later;
    at = write(later * 2 + (rise === 1 ? 0 : 1), scratch, at);
    if (rise !== 1) at = write(rise, scratch, at);
  }
  return scratch.toString(encoding, 0, at);
}

/** The pairs of `text`, or its first `max`. Throws where it is no such encoding, as far as it is read. */
export function decodeRemembered(
  text: string,
  encoding: PairsEncoding,
  max = Number.POSITIVE_INFINITY,
): { ordinals: number[]; sequences: number[] } {
  const bytes = Buffer.from(text, encoding);
  const ordinals: number[] = [];
  const sequences: number[] = [];
  let at = 0;
  const read = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('the remembered ordinals end in the middle of a number');
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

function write(value: number, bytes: Buffer, start: number): number {
  let rest = value;
  let at = start;
  while (rest >= 128) {
    bytes[at++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  bytes[at++] = rest;
  return at;
}
