import { expect } from 'chai';
import fc from 'fast-check';
import { CrossingMarks } from '../../../lib/chat/causality/shown-events.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import { Said } from './said.js';

const marked = ({ events }: Said) => {
  const marks = new CrossingMarks();
  return events.filter((event) => marks.mark(event)).map(({ lamport }) => lamport);
};

describe('The sign of a message that crossed in flight', () => {
  it('stands at one whose author had not seen the message above it', () => {
    const said = new Said();
    said.message('ada', 1, 0);
    said.message('bob', 2, 0);
    said.message('ada', 3, 2);
    expect(marked(said)).to.deep.equal([2]);
  });

  it('stands at each of several by one author who had not seen the one by somebody else above them', () => {
    const said = new Said();
    said.message('ada', 1, 0);
    for (const lamport of [2, 3]) said.message('bob', lamport, 0);
    said.message('bob', 4, 3);
    expect(marked(said)).to.deep.equal([2, 3]);
  });

  it('does not stand at what one author says without waiting, nor for joins and leaves', () => {
    const said = new Said();
    for (const lamport of [1, 2]) said.message('ada', lamport, 0);
    said.joined('bob', 3);
    said.message('ada', 4, 0);
    said.left('bob', 5);
    said.message('ada', 6, 0);
    expect(marked(said)).to.deep.equal([]);
  });

  it('stands where the contract says so of the nearest message by another, whatever is said', () => {
    const happening = fc.record({
      who: fc.constantFrom('ada', 'bob', 'eve'),
      kind: fc.constantFrom('message', 'joined'),
      behind: fc.nat(4),
    });
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 30 }), (happenings) => {
        const said = new Said();
        for (const [index, { who, kind, behind }] of happenings.entries()) {
          if (kind === 'joined') said.joined(who, index + 1);
          else said.message(who, index + 1, Math.max(0, index - behind));
        }
        const expected = said.events.filter((event) => hasCrossedTheOneAbove(event, said.events));
        expect(marked(said)).to.deep.equal(expected.map(({ lamport }) => lamport));
      }),
    );
  });
});

function hasCrossedTheOneAbove(event: RoomEvent, events: readonly RoomEvent[]): boolean {
  if (event.kind !== 'message') return false;
  const above = events.findLast(
    ({ kind, participant, sequence }) =>
      kind === 'message' && participant !== event.participant && sequence < event.sequence,
  );
  return above !== undefined && event.seen < above.sequence;
}
