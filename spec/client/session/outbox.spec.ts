import { expect } from 'chai';
import { HistoryLost, NoAnswer, Overdue, Refused, VisitOver } from '../../../lib/client/errors.js';
import type { MessageEvent } from '../../../lib/core/event.js';
import { rejection } from '../../../lib/core/rejection.js';
import { PromisedOutbox } from './promised-outbox.js';

function message(ordinal: number): MessageEvent {
  const stamped = { sequence: ordinal, lamport: ordinal, timeMs: 0, participant: 'Ada', chain: '0000000000000000' };
  return { kind: 'message', ...stamped, text: 'hi', ordinal, seen: 0 };
}

async function faultOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it resolved');
}

describe('Outbox', () => {
  let outbox: PromisedOutbox;

  beforeEach(() => {
    outbox = new PromisedOutbox({ publishesUnansweredMax: 10, publishMsMax: 60_000 });
  });

  afterEach(() => outbox.over('the test is over'));

  /** Adds texts; what becomes of them is looked at later, if at all. */
  function add(...texts: string[]): Promise<MessageEvent>[] {
    return texts.map((text, index) => {
      const answer = outbox.add(text, index + 5);
      answer.catch(() => {});
      return answer;
    });
  }

  const ordinals = (sendables: readonly { text: string; ordinal: number }[]) =>
    sendables.map(({ text, ordinal }) => `${ordinal} ${text}`);

  it('numbers publishes as they go out, in the order in which they were made [P6]', () => {
    add('a', 'b');
    expect(outbox.flush()).to.deep.equal([
      { text: 'a', ordinal: 1, seen: 5 },
      { text: 'b', ordinal: 2, seen: 6 },
    ]);
    add('c');
    expect(ordinals(outbox.flush())).to.deep.equal(['3 c']);
    expect(outbox.flush()).to.deep.equal([]);
    expect(outbox.ordinal).to.equal(3);
  });

  it('resolves each with its own event, whatever order the answers come in [P4]', async () => {
    const answers = add('a', 'b', 'c');
    outbox.flush();
    for (const ordinal of [3, 1, 2]) outbox.accepted(message(ordinal));
    expect((await Promise.all(answers)).map(({ ordinal }) => ordinal)).to.deep.equal([1, 2, 3]);
    expect(outbox.unsettled).to.equal(false);
  });

  it('rejects the refused one with its reason, and no other [P9]', async () => {
    const [first, second] = add('a', 'b');
    outbox.flush();
    const refusal = rejection('RATE_LIMITED', 1, 50);
    outbox.refused(refusal);
    const fault = await faultOf(first as Promise<unknown>);
    expect(fault).to.be.instanceOf(Refused);
    expect((fault as Refused).rejection).to.equal(refusal);
    outbox.accepted(message(2));
    await second;
  });

  it('rejects one more than it may have at once, with OVERLOADED, sent or not [P12]', async () => {
    outbox = new PromisedOutbox({ publishesUnansweredMax: 2, publishMsMax: 60_000 });
    const [first] = add('a');
    outbox.flush();
    add('b');
    expect(((await faultOf(outbox.add('c', 0))) as Refused).rejection).to.include({ reason: 'OVERLOADED', ordinal: 3 });
    outbox.accepted(message(1));
    await first;
    add('d');
    expect(ordinals(outbox.flush())).to.deep.equal(['2 b', '3 d']);
  });

  it('tells when a message was sent, the first time and the last [S8]', async () => {
    const [once, again] = add('a', 'b');
    outbox.flush();
    outbox.sent(1, 10);
    outbox.sent(2, 11);
    outbox.resumed(1);
    outbox.sent(2, 20);
    outbox.sent(2, 30);
    for (const ordinal of [1, 2]) outbox.accepted(message(ordinal));
    expect(await once).to.deep.include({ sent: { first: 10, last: 10 } });
    expect(await again).to.deep.include({ sent: { first: 11, last: 30 } });
  });

  it('does not mind answers that nobody waits for', () => {
    outbox.accepted(message(7));
    outbox.refused(rejection('TEXT_EMPTY', 7));
    outbox.refused(rejection('TEXT_EMPTY', 2n ** 60n));
  });

  describe('after a resume', () => {
    it('gives again, with their ordinals, those that the server has not accepted [P5] [P6]', () => {
      add('a', 'b', 'c');
      outbox.flush();
      add('later');
      expect(outbox.resumed(1)).to.deep.equal([
        { text: 'b', ordinal: 2, seen: 6 },
        { text: 'c', ordinal: 3, seen: 7 },
      ]);
      expect(ordinals(outbox.flush())).to.deep.equal(['4 later']);
    });

    it('waits for the events of those that it has accepted', async () => {
      const [first, second] = add('a', 'b');
      outbox.flush();
      expect(outbox.resumed(2)).to.deep.equal([]);
      outbox.accepted(message(1));
      outbox.accepted(message(2));
      expect([(await first)?.ordinal, (await second)?.ordinal]).to.deep.equal([1, 2]);
    });

    it('knows those that were passed over as refused, when the accepted ones are here [P9]', async () => {
      const [refused, accepted, unsent] = add('a', 'b', 'c');
      outbox.flush();
      outbox.resumed(2);
      outbox.accepted(message(2));
      await accepted;
      expect(((await faultOf(refused as Promise<unknown>)) as Refused).rejection).to.include({
        reason: 'UNSPECIFIED',
        ordinal: 1,
      });
      outbox.accepted(message(3));
      await unsent;
    });

    it('knows so at once where the accepted ones were here before', async () => {
      const [refused] = add('a', 'b');
      outbox.flush();
      outbox.accepted(message(2));
      expect(outbox.resumed(2)).to.deep.equal([]);
      expect(await faultOf(refused as Promise<unknown>)).to.be.instanceOf(Refused);
    });

    it('goes on counting after what an earlier program had used', () => {
      outbox = new PromisedOutbox({ publishesUnansweredMax: 10, publishMsMax: 60_000 }, 4);
      expect(outbox.resumed(6)).to.deep.equal([]);
      add('a');
      expect(ordinals(outbox.flush())).to.deep.equal(['7 a']);
    });
  });

  it('numbers anew in another session what was not published in the one before, in order [P6]', async () => {
    const [first] = add('a', 'b', 'c');
    outbox.flush();
    add('d');
    outbox.accepted(message(1));
    await first;
    expect(outbox.unsettled).to.equal(true);
    outbox.newSession();
    expect(outbox.unsettled).to.equal(false);
    expect(ordinals(outbox.flush())).to.deep.equal(['1 b', '2 c', '3 d']);
  });

  it('does not publish in another session what the one before had passed over: it would come after what was said later [P6]', async () => {
    const [passedOver, accepted, lost] = add('a', 'b', 'c');
    outbox.flush();
    outbox.accepted(message(2));
    await accepted;
    outbox.newSession();
    expect(((await faultOf(passedOver as Promise<unknown>)) as Refused).rejection).to.include({
      reason: 'UNSPECIFIED',
    });
    expect(ordinals(outbox.flush())).to.deep.equal(['1 c']);
    outbox.accepted(message(1));
    await lost;
  });

  it('lets those go that a lost history may have had; the others have been shown nothing of the next one [P11]', async () => {
    const [sent] = add('sent');
    outbox.flush();
    add('waiting');
    outbox.historyLost('lost');
    const fault = await faultOf(sent as Promise<unknown>);
    expect(fault).to.be.instanceOf(HistoryLost);
    expect((fault as HistoryLost).sent).to.equal(true);
    outbox.newHistory();
    outbox.newSession();
    expect(outbox.flush()).to.deep.equal([{ text: 'waiting', ordinal: 1, seen: 0 }]);
  });

  it('says of each whether it may have been published when the session is over', async () => {
    const [sent] = add('sent');
    outbox.flush();
    const [waiting] = add('waiting');
    outbox.over('The connection is lost.');
    for (const [answer, wasSent] of [
      [sent, true],
      [waiting, false],
    ] as const) {
      const fault = (await faultOf(answer as Promise<unknown>)) as NoAnswer;
      expect(fault).to.be.instanceOf(VisitOver);
      expect(fault.message).to.equal('The connection is lost.');
      expect(fault.sent).to.equal(wasSent);
    }
  });

  it('waits no longer than it may, and sends nothing again of what nobody waits for', async () => {
    outbox = new PromisedOutbox({ publishesUnansweredMax: 10, publishMsMax: 20 });
    const [sent] = add('sent');
    outbox.flush();
    const [waiting] = add('waiting');
    const faults = [await faultOf(sent as Promise<unknown>), await faultOf(waiting as Promise<unknown>)];
    for (const fault of faults) expect(fault).to.be.instanceOf(Overdue).and.to.be.instanceOf(NoAnswer);
    expect(faults.map((fault) => (fault as NoAnswer).sent)).to.deep.equal([true, false]);
    expect(outbox.resumed(0)).to.deep.equal([]);
    expect(outbox.flush()).to.deep.equal([]);
  });
});
