import { expect } from 'chai';
import { Refused, VisitOver } from '../../lib/client/errors.js';
import { Unanswered } from '../../lib/client/unanswered.js';
import type { MessageEvent } from '../../lib/core/event.js';
import { rejection } from '../../lib/core/rejection.js';

function message(ordinal: number): MessageEvent {
  const stamped = { sequence: ordinal, lamport: ordinal, timeMs: 0, participant: 'Ada', chain: '0000000000000000' };
  return { kind: 'message', ...stamped, text: 'hi', ordinal, seen: 0 };
}

async function faultOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it resolved');
}

describe('Unanswered', () => {
  it('resolves each wait with its own event, whatever order the answers come in [P4]', async () => {
    const unanswered = new Unanswered(10);
    const waits = [1, 2, 3].map((ordinal) => unanswered.wait(ordinal));
    for (const ordinal of [3, 1, 2]) unanswered.accepted(message(ordinal));
    expect((await Promise.all(waits)).map(({ ordinal }) => ordinal)).to.deep.equal([1, 2, 3]);
    expect(unanswered.has(1)).to.equal(false);
  });

  it('rejects the refused one with its reason, and no other [P9]', async () => {
    const unanswered = new Unanswered(10);
    const [first, second] = [unanswered.wait(1), unanswered.wait(2)];
    const refusal = rejection('RATE_LIMITED', 1, 50);
    unanswered.refused(refusal);
    const fault = await faultOf(first);
    expect(fault).to.be.instanceOf(Refused);
    expect((fault as Refused).rejection).to.equal(refusal);
    expect((fault as Refused).message).to.equal(refusal.detail);
    unanswered.accepted(message(2));
    await second;
  });

  it('rejects one more than it may have at once, with OVERLOADED, and keeps the others [P12]', async () => {
    const unanswered = new Unanswered(2);
    const waits = [unanswered.wait(1), unanswered.wait(2)];
    const fault = await faultOf(unanswered.wait(3));
    expect((fault as Refused).rejection).to.include({ reason: 'OVERLOADED', ordinal: 3 });
    expect(unanswered.has(3)).to.equal(false);
    unanswered.accepted(message(1));
    const fourth = unanswered.wait(4);
    unanswered.accepted(message(2));
    unanswered.accepted(message(4));
    await Promise.all([...waits, fourth]);
  });

  it('tells all who wait when the visit is over', async () => {
    const unanswered = new Unanswered(10);
    const waits = [unanswered.wait(1), unanswered.wait(2)];
    unanswered.over('The connection is lost.');
    for (const wait of waits) {
      const fault = await faultOf(wait);
      expect(fault).to.be.instanceOf(VisitOver);
      expect((fault as VisitOver).message).to.equal('The connection is lost.');
    }
    expect(unanswered.has(1)).to.equal(false);
  });

  it('does not mind answers that nobody waits for', () => {
    const unanswered = new Unanswered(10);
    unanswered.accepted(message(7));
    unanswered.refused(rejection('TEXT_EMPTY', 7));
    unanswered.refused(rejection('TEXT_EMPTY', 2n ** 60n));
  });
});
