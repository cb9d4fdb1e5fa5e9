import { expect } from 'chai';
import { Conversation } from '../../../lib/chat/terminal/conversation.js';
import type { Line } from '../../../lib/display/line.js';
import { withLimits } from '../../client/with-limits.js';
import { Said } from '../causality/said.js';

function shown() {
  return { said: new Said(), conversation: new Conversation() };
}

const text = ({ spans }: Line) => spans.map((span) => span.text).join('');

describe('The conversation as it is shown', () => {
  it('has the sign at messages that crossed in flight', () => {
    const { said, conversation } = shown();
    const lines = [said.message('ada', 2, 0), said.message('bob', 3, 0), said.message('ada', 5, 2)];
    expect(lines.map((event) => text(conversation.next(event)))).to.deep.equal([
      '[2] ada: text 2',
      '[3]~bob: text 3',
      '[5] ada: text 5',
    ]);
  });

  it('tells why of the event at a logical time, else of the last message', () => {
    const { said, conversation } = shown();
    for (const event of [said.message('ada', 2, 0), said.message('bob', 4, 1), said.left('ada', 6)])
      conversation.next(event);
    expect(conversation.why(2)[0]).to.equal('[2] ada: text 2');
    expect(conversation.why(undefined)[0]).to.equal('[4] bob: text 4');
  });

  it("knows an own message's clock", () => {
    const { said, conversation } = shown();
    const own = said.message('ada', 8, 0);
    conversation.next(own);
    conversation.published({ ...own, sent: { first: 7, last: 7 } });
    expect(conversation.why(8)[1]).to.match(/ Your clock was 7 when you sent it\.$/);
  });

  it('has the same fingerprint for two at the same place, wherever they began', () => {
    const said = new Said();
    const all = [said.joined('ada', 2), said.joined('bob', 4), said.message('ada', 6, 2)];
    const [early, late] = [new Conversation(), new Conversation()];
    for (const event of all) early.next(event);
    for (const event of all.slice(1)) late.next(event);
    expect(early.fingerprint(undefined)).to.deep.equal(late.fingerprint(6));
    expect(early.fingerprint(4)).to.deep.equal(late.fingerprint(4));
    expect(early.fingerprint(4)).not.to.deep.equal(early.fingerprint(6));
    expect(late.fingerprint(6)[0]).to.equal(
      'At [6], event 3: aardvark adroitness aardvark adroitness   (chain 0000 0000 0000 0003)',
    );
  });

  it('says so where there is nothing to tell of', () => {
    const { said, conversation } = shown();
    expect(conversation.why(undefined)).to.deep.equal(['Nobody has said anything yet.']);
    expect(conversation.fingerprint(undefined)).to.deep.equal(['Nothing has happened yet.']);
    for (const event of [said.joined('ada', 3), said.joined('bob', 5)]) conversation.next(event);
    expect(conversation.why(6)).to.deep.equal(['No event has the logical time 6 yet.']);
    expect(conversation.why(4)).to.deep.equal(['No event has the logical time 4: not every time has one.']);
    expect(conversation.why(1)).to.deep.equal(['No event has the logical time 1: the first one has 3.']);
  });

  it('answers of earlier events when they were shown', () => {
    const said = new Said();
    const all = [said.message('ada', 2, 0), said.message('bob', 3, 0), said.message('eve', 5, 2)];
    const conversation = new Conversation();
    conversation.next(all[2] as (typeof all)[number]);
    expect(conversation.why(3)[0]).to.match(/^What was before \[5\] is not here\. Show it by \/history/);
    conversation.earlier(all.slice(0, 2));
    expect(conversation.why(3)[0]).to.equal('[3] bob: text 3');
  });

  it('keeps so many events and no more, and says who knows the others [P12]', async () => {
    await withLimits({ eventsExplainedMax: 2 }, async () => {
      const said = new Said();
      const conversation = new Conversation();
      for (const lamport of [2, 3, 4, 5, 6, 7]) conversation.next(said.message('ada', lamport, 0));
      expect(conversation.why(6)[0]).to.equal('[6] ada: text 6');
      expect(conversation.why(4)[0]).to.match(/^\[4\] is too long ago: of the last 2 events .* chit-trace show can/);
    });
  });

  it('forgets what was of another history', () => {
    const { said, conversation } = shown();
    conversation.next(said.message('ada', 2, 0));
    conversation.forget();
    expect(conversation.why(undefined)).to.deep.equal(['Nobody has said anything yet.']);
  });
});
