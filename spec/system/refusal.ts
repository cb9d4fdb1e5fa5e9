import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { type RejectionReason, rejectionDetails } from '../../lib/core/rejection.js';
import { type CallEnd, CallFailed } from './raw-caller.js';

/** What a unary call failed with; fails where it did not. */
export async function refusal(call: Promise<unknown>): Promise<CallFailed> {
  try {
    await call;
  } catch (error) {
    if (error instanceof CallFailed) return error;
    throw error;
  }
  throw new Error('the call was not refused');
}

/** That a call ended with this status, and with this rejection in its details [P9]; `detail`: where it has words of its own. */
export function expectStatus(
  end: CallEnd,
  code: status,
  reason: RejectionReason,
  ordinal: number | bigint = 0,
  detail: string = rejectionDetails[reason],
): void {
  expect(status[end.code]).to.equal(status[code]);
  expect(end.rejection).to.include({ reason, ordinal, detail });
  expect(end.details).to.equal(detail);
}
