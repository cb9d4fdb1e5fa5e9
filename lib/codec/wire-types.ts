import { isUtf8 } from 'node:buffer';
import protobuf from 'protobufjs/minimal.js';

/**
 * The number that a uint64's decimal text says; Infinity beyond 2^53 − 1, where numbers stop being exact: every rule
 * that has an upper bound refuses it, and nothing is rounded.
 */
export function exactNumber(text: unknown): number {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : Number.POSITIVE_INFINITY;
}

/** The integer that a uint64's decimal text says, exactly: a bigint beyond 2^53 − 1. */
export function exactInteger(text: string): number | bigint {
  const number = exactNumber(text);
  return Number.isFinite(number) ? number : BigInt(text);
}

/** The decimal text of a chain's 16 hex digits, as protobufjs takes a fixed64. */
export function fixed64OfChain(chain: string): string {
  return BigInt(`0x${chain}`).toString();
}

/** The 16 hex digits of a chain that came as a fixed64's decimal text. */
export function chainOfFixed64(text: unknown): string {
  return BigInt(text as string)
    .toString(16)
    .padStart(16, '0');
}

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

/**
 * The name of an enum's value without its prefix. A value that only a newer contract has is decoded as its number: here
 * it is `UNSPECIFIED`, which each enum has, so that it takes nothing else of its message with it.
 */
export function enumName<Name extends string>(value: string | number, prefix: string): Name | 'UNSPECIFIED' {
  return typeof value === 'string' ? (value.slice(prefix.length) as Name) : 'UNSPECIFIED';
}

/** What a string that was not UTF-8 is decoded to: itself ill-formed, so every rule of the core refuses it. */
export const notUtf8 = '\ud800';

/** A protobuf reader that notices invalid UTF-8, which protobufjs would silently turn into U+FFFD. */
export class StrictReader extends protobuf.Reader {
  override string(): string {
    const bytes = this.bytes();
    return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') : notUtf8;
  }
}
