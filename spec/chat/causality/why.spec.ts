import { expect } from 'chai';
import { why } from '../../../lib/chat/causality/why.js';
import { chatLimits } from '../../../lib/chat/limits.js';
import { Said } from './said.js';

describe('Why an event has its logical time', () => {
  function talk() {
    const said = new Said();
    said.joined('ada', 2);
    said.joined('bob', 4);
    const ada = said.message('ada', 8, 2);
    const bob = said.message('bob', 9, 2);
    const answer = said.message('ada', 13, 4);
    return { said, ada, bob, answer };
  }

  it("is told by the room's time, the author's, what that had been shown, and what is concurrent", () => {
    const { said, bob } = talk();
    expect(why(bob, said.events)).to.deep.equal([
      '[9] bob: text 9',
      'Time: 9 = max(room 8, bob 6 to 8) + 1, stamped by the room on its event 4. The time of bob: at least 6 after what was shown and sent before, at most 8 by the stamp.',
      'After: bob had been shown everything up to Participant bob joined Chit Chat at logical time 4',
      "Concurrent with it, as neither author had been shown the other's message: [8] ada: text 8",
    ]);
  });

  it('is told of the earlier one of two that crossed as of the later one', () => {
    const { said, ada } = talk();
    expect(why(ada, said.events).at(-1)).to.match(/^Concurrent with it, .*: \[9\] bob: text 9$/);
  });

  it('is told where nothing is concurrent', () => {
    const { said, answer } = talk();
    expect(why(answer, said.events).slice(1)).to.deep.equal([
      'Time: 13 = max(room 9, ada 12) + 1, stamped by the room on its event 5. Only 12 gives this stamp.',
      'After: ada had been shown everything up to [9] bob: text 9',
      'Concurrent with it: no message so far. Of it and each other message, the author of the later one had been shown the earlier one.',
    ]);
  });

  it('is told with the own clock of an own message, also where that was sent again', () => {
    const { said, answer } = talk();
    const clock = (first: number, last: number) => why(answer, said.events, { first, last })[1];
    expect(clock(12, 12)).to.match(/max\(room 9, you 12\) .* Your clock was 12 when you sent it\.$/);
    expect(clock(12, 15)).to.match(
      /max\(room 9, you 12 or later\) .*first sent it, and 15 when you last sent it again\.$/,
    );
    expect(why(answer, said.events, { first: 12, last: 12 })[2]).to.match(/^After: you had been shown/);
  });

  it('is told of a join, which does not say what was seen', () => {
    const { said } = talk();
    expect(why(said.joined('eve', 14), said.events)).to.deep.equal([
      'Participant eve joined Chit Chat at logical time 14',
      'Time: 14 = max(room 13, eve at most 13) + 1, stamped by the room on its event 6. A later one would give a later stamp.',
    ]);
  });

  it('is told of a leave that nobody asked for: the room wrote it', () => {
    const { said } = talk();
    expect(why(said.left('bob', 14, 'CONNECTION_LOST'), said.events)).to.deep.equal([
      'Participant bob left Chit Chat at logical time 14',
      'Time: 14 = room 13 + 1, stamped by the room on its event 6. It wrote this by itself: the connection was lost.',
    ]);
  });

  it('is told as far as it can be of one whose room or author does not keep the rules', () => {
    const said = new Said();
    said.joined('ada', 9);
    said.joined('bob', 10);
    expect(why(said.message('ada', 11, 2), said.events)[1]).to.match(/ada \?\) \+ 1, .* No clock that keeps/);
  });

  it('names a few concurrent messages, and the number of the others [P12]', () => {
    const said = new Said();
    const first = said.message('ada', 2, 0);
    const more = 3;
    for (let index = 0; index < chatLimits.concurrentShownMax + more; index += 1) said.message('bob', 3 + index, 0);
    const [told = ''] = why(first, said.events).slice(-1);
    expect(told.match(/bob: text/g)).to.have.length(chatLimits.concurrentShownMax);
    expect(told).to.match(/; and 3 more$/);
  });

  it('names nothing that is longer than a part of a line', () => {
    const said = new Said();
    const long = { ...said.message('ada', 2, 0), text: 'x'.repeat(128) };
    const bob = said.message('bob', 3, 0);
    expect(why(bob, [long, bob]).at(-1)).to.match(/ \[2\] ada: x{20,40}…$/);
  });
});
