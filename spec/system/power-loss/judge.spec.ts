import { expect } from 'chai';
import type { RoomEvent } from '../../../lib/core/event.js';
import { RoomScript } from '../../server/log/room-script.js';
import { dueAt, faultsOf, textsAt } from './judge.js';
import type { Recorded } from './recorded.js';
import { momentsOf } from './system-calls.js';
import { markerOf, toldIn } from './told.js';
import { Witness } from './witness.js';

describe('The judge of a loss of power', () => {
  const texts = [1, 2, 3].map((count) => markerOf(1, 'Ada', count));
  const script = new RoomScript('attic');
  const events: RoomEvent[] = [script.join('Ada'), ...texts.map((text) => script.say('Ada', text))].map(
    ({ event }) => event,
  );
  const all = { refused: new Set<string>(), published: new Set(texts) };
  const due = { room: 'attic', logId: 'one', events, mayBeGone: false, removed: [] };
  const found = (changed: readonly RoomEvent[], logId = 'one') =>
    faultsOf(due, { logId, events: changed }, all).join('; ');

  it('finds nothing wrong where all is there, and more', () => {
    expect(found(events)).to.equal('');
    expect(faultsOf({ ...due, events: events.slice(0, 2) }, { logId: 'one', events }, all)).to.deep.equal([]);
  });

  it('finds what is lost, and a room that is', () => {
    expect(found(events.slice(0, 3))).to.include('attic lost, of 1: 4 ');
    expect(faultsOf(due, undefined, all).join()).to.include('attic is lost, with 4 events');
    expect(faultsOf({ ...due, mayBeGone: true }, undefined, all)).to.deep.equal([]);
    expect(faultsOf({ ...due, logId: undefined, events: [] }, undefined, all)).to.deep.equal([]);
  });

  it('finds what is there twice, does not follow, or is another history', () => {
    const twice = new RoomScript('attic');
    const said = [twice.join('Ada'), twice.say('Ada', texts[0] ?? ''), twice.say('Ada', texts[0] ?? '')];
    expect(found(said.map(({ event }) => event)))
      .to.include('attic has twice')
      .and.to.include('lost');
    expect(found(events.toSpliced(1, 1))).to.include('attic is broken');
    expect(found(events, 'two')).to.equal('attic has another log id');
    expect(faultsOf({ ...due, removed: ['two'] }, { logId: 'two', events }, all).join()).to.include('is there again');
  });

  it('finds what was refused, and what nobody said', () => {
    const [first = '', ...later] = texts;
    const said = faultsOf(
      due,
      { logId: 'one', events },
      { refused: new Set([first]), published: new Set([first, ...later.slice(1)]) },
    );
    expect(said).to.deep.equal([`attic has what was refused: ${first}`, `attic has what nobody said: ${texts[1]}`]);
  });

  describe('takes for told', () => {
    /** A message is sent in each second, and a removal of the room is the last life. */
    const moments = momentsOf(
      [...texts, 'nothing', 'nothing']
        .map((text, index) => `1 ${index + 1}.0 write(9<TCP:[1->2]>, "${text}", ${text.length}) = ${text.length}`)
        .join('\n'),
    );
    const recorded = (seenMs: number): Recorded => {
      const witness = new Witness();
      for (const event of events) witness.see('attic', 'one', event, seenMs);
      const lives = [
        { kind: 'killed', files: {}, from: 0, to: 8 },
        { kind: 'removing', files: {}, from: 8, to: 10 },
      ] as const;
      return { root: '/r', moments, lives, witness, told: toldIn(moments) };
    };
    const sequences = (seenMs: number, before: number) =>
      dueAt(recorded(seenMs), before)[0]?.events.map(({ sequence }) => sequence);

    it('what had begun to be sent, and all before that in the room', () => {
      expect(sequences(99_000, 0)).to.deep.equal([]);
      expect(sequences(99_000, 1)).to.deep.equal([1, 2]);
      expect(sequences(99_000, 3)).to.deep.equal([1, 2, 3]);
    });

    it('what a participant had seen, by its clock', () => {
      expect(sequences(1_500, 2)).to.deep.equal([1, 2]);
      expect(sequences(1_500, 3)).to.deep.equal([1, 2, 3, 4]);
    });

    it('a room for one that may be gone while it is removed, and for one that must be afterwards', () => {
      const [during] = dueAt(recorded(0), 9);
      expect(during).to.include({ logId: 'one', mayBeGone: true });
      const [after] = dueAt(recorded(0), 10);
      expect(after).to.deep.include({ logId: undefined, removed: ['one'] });
    });

    it('a text for refused or published from when on that was known', () => {
      const known = recorded(0);
      known.witness.refused.set('no', 1_500);
      known.witness.published.set('yes', 2_500);
      expect(textsAt(known, 2)).to.deep.equal({ refused: new Set(), published: new Set() });
      expect(textsAt(known, 4)).to.deep.equal({ refused: new Set(['no']), published: new Set(['yes']) });
    });
  });
});
