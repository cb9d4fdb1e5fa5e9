import { expect } from 'chai';
import { why } from '../../../lib/client/causality/why.js';
import { clientLimits } from '../../../lib/client/limits.js';
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
      "Time: as event 4 the room stamped it 9, one more than the greater of its own (8) and of its author's when sending.",
      'Clock of bob when sending: from 6 (by what it had been shown and sent) to 8 (or the stamp would be greater).',
      'After: bob had been shown everything up to Participant bob joined Chit Chat at logical time 4.',
      "Concurrent with it: [8] ada: text 8. Neither author had been shown the other's message.",
    ]);
  });

  it('is told of the earlier one of two that crossed as of the later one', () => {
    const { said, ada } = talk();
    expect(why(ada, said.events).at(-1)).to.match(/^Concurrent with it: \[9\] bob: text 9\./);
  });

  it('is told where nothing is concurrent', () => {
    const { said, answer } = talk();
    expect(why(answer, said.events).slice(2)).to.deep.equal([
      'Clock of ada when sending: 12; nothing else gives this stamp.',
      'After: ada had been shown everything up to [9] bob: text 9.',
      'Concurrent with it: no message so far. Of any two, the later one was said in knowledge of the earlier one.',
    ]);
  });

  it('is told with the own clock of an own message, also where that was sent again', () => {
    const { said, answer } = talk();
    const clock = (first: number, last: number) => why(answer, said.events, { first, last })[2];
    expect(clock(12, 12)).to.equal('Your clock was 12 when you sent it.');
    expect(clock(12, 15)).to.equal('Your clock was 12 when you sent it, and 15 when you last sent it again.');
    expect(why(answer, said.events, { first: 12, last: 12 })[3]).to.match(/^After: you had been shown/);
  });

  it('is told of a join, which does not say what was seen', () => {
    const { said } = talk();
    expect(why(said.joined('eve', 14), said.events)).to.deep.equal([
      'Participant eve joined Chit Chat at logical time 14',
      "Time: as event 6 the room stamped it 14, one more than the greater of its own (13) and of its author's when sending.",
      'Clock of eve when sending: 13 or less, or the stamp would be greater.',
    ]);
  });

  it('is told of a leave that nobody asked for: the room wrote it', () => {
    const { said } = talk();
    expect(why(said.left('bob', 14, 'CONNECTION_LOST'), said.events)[1]).to.equal(
      'Time: as event 6 the room stamped it 14, one more than its own (13). It wrote this by itself, because the connection was lost.',
    );
  });

  it('names a few concurrent messages, and the number of the others [P12]', () => {
    const said = new Said();
    const first = said.message('ada', 2, 0);
    const more = 3;
    for (let index = 0; index < clientLimits.concurrentShownMax + more; index += 1) said.message('bob', 3 + index, 0);
    const [told = ''] = why(first, said.events).slice(-1);
    expect(told.match(/bob: text/g)).to.have.length(clientLimits.concurrentShownMax);
    expect(told).to.match(/; and 3 more\. Neither/);
  });

  it('names nothing that is longer than a part of a line', () => {
    const said = new Said();
    const long = { ...said.message('ada', 2, 0), text: 'x'.repeat(128) };
    const bob = said.message('bob', 3, 0);
    expect(why(bob, [long, bob]).at(-1)).to.match(/ \[2\] ada: x{20,40}…\. Neither/);
  });
});
