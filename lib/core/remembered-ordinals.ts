/** Accepted ordinals and the sequences of the events they became: both rise, and have the same length. */
export interface RememberedOrdinals {
  readonly ordinals: readonly number[];
  readonly sequences: readonly number[];
}

/** How the bytes of an encoding are a string: `base64` within JSON, `latin1` (a byte a character) where bytes are stored. */
export type PairsEncoding = 'base64' | 'latin1';

/**
 * The pairs as text: for each, twice what its sequence is more than the one before, and 1 more if its ordinal is not the
 * next one, upon which follows what that is more. Numbers have 7 bits a byte, the lowest first, and a set eighth bit where
 * more follow. Sequences are less than 2^52.
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
