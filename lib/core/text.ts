import type { RejectionReason } from './rejection.js';

/** Control characters but tab: C0, DEL, C1. */
const control = /[^\P{Cc}\t]/u;

/**
 * What is wrong with a message's text, or undefined [S3]. Valid: well-formed, without control characters but tab,
 * not only white space, at most `codePointsMax` Unicode code points as sent (nothing is normalised).
 */
export function textFault(text: string, codePointsMax: number): RejectionReason | undefined {
  if (!text.isWellFormed() || control.test(text)) return 'TEXT_INVALID';
  if (text.trim() === '') return 'TEXT_EMPTY';
  // It has no more code points than code units, which need not be counted.
  if (text.length > codePointsMax && codePoints(text, codePointsMax) > codePointsMax) return 'TEXT_TOO_LONG';
  return undefined;
}

/** The number of code points in `text`, counted no further than one past `enough`. */
export function codePoints(text: string, enough = Number.POSITIVE_INFINITY): number {
  let count = 0;
  for (const _ of text) if (++count > enough) break;
  return count;
}
