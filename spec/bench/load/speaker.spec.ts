import { expect } from 'chai';
import { Speaker } from './speaker.js';

describe('Speaker', () => {
  it('keeps so many messages under way, as far as the connection takes them', () => {
    const sent: [first: number, count: number][] = [];
    let room = 2;
    const speaker = new Speaker((first, count) => {
      sent.push([first, count]);
      return Math.min(room, count);
    });
    speaker.speak(3);
    expect(speaker.said).to.equal(2);
    room = 10;
    speaker.goOn();
    speaker.answer(1);
    speaker.answer(2);
    speaker.goOn();
    speaker.speak(0);
    expect(sent).to.deep.equal([
      [1, 3],
      [3, 1],
      [4, 2],
    ]);
    expect(speaker.said - speaker.answered).to.equal(3);
  });

  it('notices a message of its own that was lost or came twice', () => {
    const speaker = new Speaker((_, count) => count);
    speaker.speak(3);
    speaker.answer(1);
    expect(() => speaker.answer(1)).to.throw('own message 1 after 1');
    expect(() => speaker.answer(3)).to.throw('own message 3 after 1');
  });
});
