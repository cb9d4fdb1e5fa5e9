import { expect } from 'chai';
import fc from 'fast-check';
import {
  isSavedSessionOf,
  SavedSessionDamaged,
  savedSessionFrom,
  savedSessionText,
} from '../../../lib/chat/saved-session/saved-session-text.js';
import { saved } from './a-saved-session.js';

const fields = JSON.parse(savedSessionText(saved));

describe('A place as text', () => {
  it('is the same place when it is read again', () => {
    expect(savedSessionFrom(savedSessionText(saved))).to.deep.equal(saved);
  });

  it('keeps whatever a server and a participant are called, and all their numbers', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((value) => !/\p{Cc}/u.test(value));
    const number = fc.maxSafeNat();
    fc.assert(
      fc.property(text, text, text, number, number, number, (server, name, session, sequence, ordinal, lamport) => {
        const one = { ...saved, server, name, session, sequence, ordinal, lamport };
        expect(savedSessionFrom(savedSessionText(one))).to.deep.equal(one);
      }),
    );
  });

  for (const [what, text] of [
    ['nothing', ''],
    ['half of one', savedSessionText(saved).slice(0, 80)],
    ['no JSON', 'rubbish'],
    ['a list', '[]'],
    ['null', 'null'],
    ['of another format', JSON.stringify({ ...fields, format: 'chit-chat place 99' })],
    ['without a session', JSON.stringify({ ...fields, session: undefined })],
    ['with an empty session', JSON.stringify({ ...fields, session: '' })],
    ['with a control character', JSON.stringify({ ...fields, session: 'a\nb' })],
    ['with an endless name', JSON.stringify({ ...fields, name: 'x'.repeat(10_000) })],
    ['with a short chain', JSON.stringify({ ...fields, chain: 'abc' })],
    ['with half a sequence', JSON.stringify({ ...fields, sequence: 1.5 })],
    ['with a sequence beyond what numbers can be', JSON.stringify({ ...fields, sequence: 2 ** 53 })],
    ['with a negative ordinal', JSON.stringify({ ...fields, ordinal: -1 })],
    ['with a Lamport time in words', JSON.stringify({ ...fields, lamport: '7' })],
  ] as const) {
    it(`is damaged where it is ${what}, and that is said in words`, () => {
      expect(() => savedSessionFrom(text)).to.throw(SavedSessionDamaged, /^(it|"\w+") is/);
    });
  }

  it('is of one participant in one room of one server', () => {
    expect(isSavedSessionOf(saved, { server: saved.server, room: saved.room, name: saved.name })).to.equal(true);
    for (const other of ['server', 'room', 'name'] as const) {
      expect(isSavedSessionOf(saved, { ...saved, [other]: 'another' })).to.equal(false);
    }
  });
});
