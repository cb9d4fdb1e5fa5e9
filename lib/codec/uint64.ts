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

/** The chain that a fixed64 of 0 says, which is also that of a field that is not there. */
export const zeroChain = '0000000000000000';
