import type { RejectionReason } from '../core/rejection.js';

const passing: ReadonlySet<RejectionReason> = new Set(['RATE_LIMITED', 'OVERLOADED', 'READ_ONLY']);

/** Whether a refusal means "later", not "no". */
export function isPassing(reason: RejectionReason): boolean {
  return passing.has(reason);
}
