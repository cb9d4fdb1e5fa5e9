import { expect } from 'chai';
import { publishPatiently } from '../../../lib/chat/plain/run-plain.js';
import { Refused } from '../../../lib/client/errors.js';
import type { MessageEvent } from '../../../lib/core/event.js';
import { type RejectionReason, rejection } from '../../../lib/core/rejection.js';

const patience = { retryMsMax: 10, retryPauseMs: 1 };
const never = new AbortController().signal;

/** A client that refuses with each of the reasons, then publishes. */
function refusing(...reasons: RejectionReason[]) {
  let asked = 0;
  return {
    publish: async (): Promise<MessageEvent> => {
      const reason = reasons[asked++];
      if (reason) throw new Refused(rejection(reason, 1, 2));
      return {} as MessageEvent;
    },
    get asked() {
      return asked;
    },
  };
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('publishPatiently', () => {
  it('tries again as long as the server only says "later" [P9]', async () => {
    const client = refusing('RATE_LIMITED', 'OVERLOADED', 'READ_ONLY');
    await publishPatiently(client, 'hello', patience, never);
    expect(client.asked).to.equal(4);
  });

  it('does not try again when the server says no', async () => {
    const client = refusing('TEXT_TOO_LONG');
    expect(await failure(publishPatiently(client, 'hello', patience, never))).to.be.instanceOf(Refused);
    expect(client.asked).to.equal(1);
  });

  it('gives up when its patience ends', async () => {
    const client = refusing(...Array.from({ length: 100 }, () => 'READ_ONLY' as const));
    expect(await failure(publishPatiently(client, 'hello', patience, never))).to.be.instanceOf(Refused);
    expect(client.asked).to.equal(6);
  });

  it('does not wait for anything when it is to stop', async () => {
    const client = refusing('RATE_LIMITED');
    const stop = AbortSignal.abort();
    expect(await failure(publishPatiently(client, 'hello', { ...patience, retryMsMax: 60_000 }, stop))).to.be.an(
      'error',
    );
    expect(client.asked).to.equal(1);
  });
});
