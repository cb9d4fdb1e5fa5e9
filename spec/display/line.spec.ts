import { expect } from 'chai';
import type { RoomEvent } from '../../lib/core/event.js';
import { eventLine, eventText } from '../../lib/display/line.js';

const stamped = { sequence: 3, lamport: 42, timeMs: 0, participant: 'ada', chain: '' };

describe('An event as a line', () => {
  it('is the sentence of the requirements for a join [S5]', () => {
    expect(eventText({ ...stamped, kind: 'joined' })).to.equal('Participant ada joined Chit Chat at logical time 42');
  });

  it('is the sentence of the requirements for a leave, whatever its reason [S6]', () => {
    for (const reason of ['ASKED', 'CONNECTION_LOST', 'SERVER_RESTARTED'] as const) {
      expect(eventText({ ...stamped, kind: 'left', reason })).to.equal(
        'Participant ada left Chit Chat at logical time 42',
      );
    }
  });

  it('says of an event of a kind that it does not know just that, and by whom, where that is told [S7]', () => {
    expect(eventText({ ...stamped, kind: 'unknown' })).to.equal(
      'Participant ada did something that this client does not know at logical time 42',
    );
    expect(eventText({ ...stamped, participant: '', kind: 'unknown' })).to.equal(
      'Something that this client does not know happened at logical time 42',
    );
  });

  it('shows the logical time, the author and the content of a message [S4] [S7]', () => {
    expect(eventText({ ...stamped, kind: 'message', text: 'hello: you', ordinal: 1, seen: 2 })).to.equal(
      '[42] ada: hello: you',
    );
  });

  it('writes out what a hostile server or peer put into name and text [S7]', () => {
    const event: RoomEvent = {
      ...stamped,
      kind: 'message',
      participant: 'a\x1b[1mda',
      text: '\x1b]0;title\x07\u202e',
      ordinal: 1,
      seen: 2,
    };
    expect(eventText(event)).to.equal('[42] a\\u{1b}[1mda: \\u{1b}]0;title\\u{7}\\u{202e}');
  });

  it('has the sign of a message that crossed in flight before the name, and is as wide as without', () => {
    const message: RoomEvent = { ...stamped, kind: 'message', text: 'x', ordinal: 1, seen: 1 };
    const text = (crossed: boolean) =>
      eventLine(message, crossed)
        .spans.map((span) => span.text)
        .join('');
    expect([text(false), text(true)]).to.deep.equal(['[42] ada: x', '[42]~ada: x']);
    expect(eventLine(message, true).indent).to.equal(eventLine(message).indent);
  });

  it('moves rows in by the width of the logical time', () => {
    expect(eventLine({ ...stamped, kind: 'message', text: 'x', ordinal: 1, seen: 2 }).indent).to.equal('[42] '.length);
  });
});
