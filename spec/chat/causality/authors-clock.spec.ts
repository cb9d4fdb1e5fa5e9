import { expect } from 'chai';
import fc from 'fast-check';
import { authorsClock } from '../../../lib/chat/causality/why.js';
import { LamportClock, receive } from '../../../lib/core/clock.js';
import { Said } from './said.js';

describe("What an event tells of its author's clock", () => {
  it('is its exact time where that was ahead of the room', () => {
    const said = new Said();
    said.joined('ada', 2);
    expect(authorsClock(said.message('ada', 9, 1), said.events)).to.deep.equal({ from: 8, to: 8 });
  });

  it("is less than the room's time where the room was ahead, and more than that of what it had been shown", () => {
    const said = new Said();
    said.joined('ada', 2);
    said.joined('bob', 10);
    expect(authorsClock(said.message('ada', 11, 1), said.events)).to.deep.equal({ from: 4, to: 10 });
  });

  it('knows no least time for one who had been shown nothing, or something that is not kept', () => {
    const said = new Said();
    said.joined('ada', 2);
    expect(authorsClock(said.joined('bob', 3), said.events)).to.deep.equal({ from: 1, to: 2 });
    const late = said.message('ada', 4, 1);
    expect(authorsClock(late, said.events.slice(1))).to.deep.equal({ from: 1, to: 3 });
  });

  it('says nothing where the rules were not kept', () => {
    const said = new Said();
    said.joined('ada', 9);
    said.joined('bob', 10);
    expect(authorsClock(said.message('ada', 11, 2), said.events)).to.equal(undefined);
  });

  it('is right for every conversation of people who keep the rules [S8]', () => {
    const move = fc.record({ who: fc.nat(2), what: fc.constantFrom('send', 'arrive', 'receive') });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const said = new Said();
        const people = ['ada', 'bob', 'eve'].map((name) => ({
          name,
          clock: new LamportClock(),
          seen: 0,
          underWay: [] as { at: number; seen: number }[],
        }));
        for (const { who, what } of moves) {
          const person = people[who] as (typeof people)[number];
          if (what === 'send') person.underWay.push({ at: person.clock.tick(), seen: person.seen });
          if (what === 'receive' && person.seen < said.events.length) {
            person.clock.receive(said.events[person.seen]?.lamport ?? 0);
            person.seen += 1;
          }
          const sent = what === 'arrive' ? person.underWay.shift() : undefined;
          if (!sent) continue;
          const event = said.message(person.name, receive(said.events.at(-1)?.lamport ?? 0, sent.at), sent.seen);
          const { from, to } = authorsClock(event, said.events) ?? { from: 1, to: 0 };
          expect(sent.at).to.be.within(from, to);
        }
      }),
    );
  });
});
