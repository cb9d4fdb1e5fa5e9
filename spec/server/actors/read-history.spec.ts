import { expect } from 'chai';
import { eventsIn, House, reasonOf } from './house.js';

describe('A server reads history', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  async function talkOf(messages: number): Promise<void> {
    const ada = await house.visit('Ada');
    for (let ordinal = 1; ordinal <= messages; ordinal += 1) ada.publish(`${ordinal}`, ordinal);
    await house.heard(ada, `Ada: ${messages}`);
  }

  async function sequences(after: number, limit?: number): Promise<number[]> {
    const page = await house.history('lobby', after, limit);
    if (page.kind !== 'page') throw new Error('no page');
    return eventsIn(page.events).map(({ sequence }) => sequence);
  }

  it('by pages, with the log’s id and newest sequence', async () => {
    await talkOf(5);
    const page = await house.history('lobby', 0);
    expect(page).to.include({ kind: 'page', logId: house.log.head('lobby')?.logId, newest: 6 });
    expect(page.kind === 'page' && eventsIn(page.events)).to.deep.equal(house.events());
    expect(await sequences(2, 2)).to.deep.equal([3, 4]);
    expect(await sequences(5)).to.deep.equal([6]);
    expect(await sequences(6)).to.deep.equal([]);
    expect(await sequences(99, 3)).to.deep.equal([]);
    expect(await sequences(Number.POSITIVE_INFINITY)).to.deep.equal([]);
  });

  it('of at most `historyEventsMax` events a page [P12]', async () => {
    house = new House({ historyEventsMax: 3 });
    await talkOf(5);
    expect(await sequences(0)).to.deep.equal([1, 2, 3]);
    expect(await sequences(0, 4_294_967_295)).to.deep.equal([1, 2, 3]);
    expect(await sequences(0, 2)).to.deep.equal([1, 2]);
  });

  it('of a room without events: none, and of a log without id', async () => {
    const page = await house.history('nowhere', 0);
    expect(page).to.include({ kind: 'page', logId: '', newest: 0 });
    expect(page.kind === 'page' && page.events.length).to.equal(0);
    expect(house.log.heads(), 'asking makes no room').to.deep.equal([]);
  });

  it('never with a silent gap where events were forgotten: HISTORY_LOST [P11]', async () => {
    house = new House({ memoryEventsPerRoomMax: 3, snapshotEveryEvents: 1, groupDraftsMax: 1 });
    await talkOf(20);
    const oldest = house.log.oldest('lobby');
    expect(oldest).to.be.greaterThan(2);
    expect(reasonOf(await house.history('lobby', 0))).to.equal('HISTORY_LOST');
    expect(reasonOf(await house.history('lobby', oldest - 2))).to.equal('HISTORY_LOST');
    expect((await sequences(oldest - 1))[0]).to.equal(oldest);
  });

  it('answers with `failed` where the log cannot be read, and serves on', async () => {
    await house.visit('Ada');
    house.log.unreadable = true;
    expect(await house.history('lobby', 0)).to.deep.equal({ kind: 'failed' });
    expect(house.logged('room-unreadable')).to.have.length(1);
    house.log.unreadable = false;
    expect(await sequences(0)).to.deep.equal([1]);
  });

  it('refuses what is no room: ROOM_INVALID', async () => {
    for (const room of ['', 'No Room', '\ud800', 'x'.repeat(65)]) {
      expect(reasonOf(await house.history(room, 0)), room).to.equal('ROOM_INVALID');
      expect(await house.participants(room), room).to.include({ kind: 'rejected' });
    }
  });
});
