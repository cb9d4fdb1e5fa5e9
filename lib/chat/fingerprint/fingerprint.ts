import { evenWords, oddWords } from './pgp-words.js';

/** How many words people compare: 8 bits each, so that two different conversations have the same by accident once in 2^32. */
export const fingerprintWords = 4;

/**
 * A chain (16 hex digits) in words to be read aloud: its first four bytes by the PGP word list, in which even and odd places have
 * words of their own, two and three syllables long, so that a word left out or changed places is noticed. Equal words at the same
 * place of a room mean the same conversation up to there, but for accidents of 1 in 4,294,967,296. They are proof against faults, not
 * against somebody who computes a history to have the same words.
 */
export function spokenChain(chain: string): string {
  const bytes = Buffer.from(chain, 'hex').subarray(0, fingerprintWords);
  return Array.from(bytes, (byte, place) => (place % 2 === 0 ? evenWords : oddWords)[byte]).join(' ');
}

/** A chain in groups of four digits, for eyes. */
export function groupedChain(chain: string): string {
  return chain.match(/.{1,4}/g)?.join(' ') ?? '';
}
