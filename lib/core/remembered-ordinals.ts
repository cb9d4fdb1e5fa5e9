/** Accepted ordinals and the sequences of the events they became: both rise, and have the same length. */
export interface RememberedOrdinals {
  readonly ordinals: readonly number[];
  readonly sequences: readonly number[];
}

/** What one ordinal and its sequence take at most: two numbers up to 2^53 of 7 bits a byte. */
const pairBytesMax = 16;

/**
 * The pairs from index `from` on as text: for each, twice what its sequence is more than the one before, and 1 more if
 * its ordinal is not the next one, upon which follows what that is more. Numbers have 7 bits a byte, the lowest first, and a
 * set eighth bit where more follow; the bytes are in base64. Sequences are less than 2^52.
 */
export function encodeRemembered({ ordinals, sequences }: RememberedOrdinals, from = 0): string {
  const bytes = Buffer.allocUnsafe((ordinals.length - from) * pairBytesMax);
  let at = 0;
  let ordinal = 0;
  let sequence = 0;
  for (let index = from; index < ordinals.length; index += 1) {
    const rise = (ordinals[index] as number) - ordinal;
    ordinal += rise;
    const later = (sequences[index] as number) - sequence;
    sequence += later;
    at = write(later * 2 + (rise === 1 ? 0 : 1), bytes, at);
    if (rise !== 1) at = write(rise, bytes, at);
  }
  return bytes.toString('base64', 0, at);
}

/** Throws where `text` is no such encoding. */
export function decodeRemembered(text: string): { ordinals: number[]; sequences: number[] } {
  const bytes = Buffer.from(text, 'base64');
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
  while (at < bytes.length) {
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
