/** The bytes that a number of at least 0 takes as a varint. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

/** Writes `value`, an integer from 0 to 2^53 − 1, as a varint into `into` at `start`; the result is where it ends. */
export function writeVarint(value: number, into: Buffer, start: number): number {
  let rest = value;
  let at = start;
  while (rest >= 2 ** 31) {
    into[at++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 128) {
    into[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  into[at++] = rest;
  return at;
}
