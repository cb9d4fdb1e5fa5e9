import { expect } from 'chai';
import fc from 'fast-check';
import type { Page } from '../../../lib/trace/draw/picture.js';
import { laid, pictures } from './arbitrary-picture.js';
import { Conversation, smallTalk } from './conversation.js';

describe('the logical times at the left', () => {
  /** By the sequence of each stamp on a page, the time that a reader takes it to have: what is said behind it, or stands at its left. */
  function readTimes({
    labels,
    marks,
  }: Page): { readonly sequence: number; readonly read: number; readonly is: number }[] {
    const times = labels.filter(({ role, text }) => role === 'time' && /^\d+$/.test(text));
    const middle = ({ box }: (typeof labels)[number]) => box.y + box.height / 2;
    return marks.flatMap(({ moment, y }) => {
      if (moment?.kind !== 'stamp' || !moment.event) return [];
      const said = labels.find((label) => label.role === 'said' && Math.abs(middle(label) - y) < 1);
      const own = /time (\d+)$/.exec(said?.aside ?? '')?.[1];
      const beside = times.filter((label) => middle(label) < y + 1).at(-1)?.text;
      return [{ sequence: moment.event.sequence, read: Number(own ?? beside), is: moment.lamport }];
    });
  }

  it('are the Lamport times of the stamps beside them, or the stamp tells its own', () => {
    fc.assert(
      fc.property(pictures, ({ picture }) => {
        for (const { sequence, read, is } of picture.pages.flatMap(readTimes))
          expect(read, `event ${sequence}`).to.equal(is);
      }),
      { numRuns: 60 },
    );
  });

  it('go back with the clock of a client that begins anew, and then are the room’s again', () => {
    const talk = new Conversation(['ada', 'bob']);
    for (const name of ['ada', 'bob']) talk.join(name);
    talk.settle();
    const { client } = talk.of('bob');
    talk.of('bob').leave();
    talk.settle();
    client.kill();
    client.keptClock = 0;
    client.start();
    talk.join('bob');
    talk.settle();
    const [page] = laid(talk.spaceTime()).picture.pages;
    const times = page?.labels.flatMap(({ role, text }) => (role === 'time' && text !== 'time' ? Number(text) : []));
    expect(times).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 1, 7, 8]);
    expect(page?.labels.filter(({ aside }) => aside)).to.deep.equal([]);
    for (const { read, is } of page ? readTimes(page) : []) expect(read).to.equal(is);
  });

  it('are of one of two rooms where they differ, and the other’s stamp tells its own', () => {
    const { moments, ...rest } = smallTalk();
    const [, other] = moments.filter(({ kind }) => kind === 'stamp');
    const beside = moments.find(({ level, index }) => level === other?.level && index !== other.index);
    expect(beside?.lamport).to.equal(3);
    const late = moments.map((moment) => (moment === other ? { ...moment, lamport: 1 } : moment));
    const [page] = laid({ ...rest, moments: late }).picture.pages;
    expect(page?.labels.flatMap(({ aside }) => aside ?? [])).to.deep.equal(['time 1', 'crossed 5']);
  });
});
