import { expect } from 'chai';
import type { FakePeer } from './fake-peer.js';
import { eventsIn, House } from './house.js';

/** More than its newest few kilobytes in memory: what is behind them is read from the log. */
const limits = { tailBytesMax: 1, graceMs: 60_000, historyEventsMax: 100 };

describe('Where an event of the log is damaged', () => {
  let house: House;
  let bob: FakePeer;
  let ada: FakePeer;
  const heard = (peer: FakePeer, sequence: number) =>
    house.until(`event ${sequence}`, () => peer.events.at(-1)?.sequence === sequence);
  const placeAt = (sequence: number) => {
    const { session, logId } = ada.welcome;
    return { session, logId, sequence, chain: house.log.chainAt('lobby', sequence) ?? '' };
  };
  const answered = (peer: FakePeer) => house.until('an end', () => peer.ending !== undefined);

  beforeEach(async () => {
    house = new House(limits);
    bob = await house.visit('Bob');
    ada = await house.visit('Ada', { resumable: true });
    for (let ordinal = 1; ordinal <= 8; ordinal += 1) ada.publish(`message ${ordinal}`, ordinal);
    await heard(bob, 10);
    await heard(ada, 10);
  });

  afterEach(() => house.close());

  /** The room goes on for those who are in it. */
  async function goesOn(): Promise<void> {
    const last = bob.events.at(-1)?.sequence ?? 0;
    bob.publish('still here', last);
    await house.until('what Bob said', () => bob.events.some((e) => e.kind === 'message' && e.ordinal === last));
    expect(bob.ending).to.equal(undefined);
    expect(house.logged('room-failed')).to.deep.equal([]);
  }

  it('nobody can end its room by resuming a made-up session from there', async () => {
    const place = placeAt(4);
    house.log.damaged.add(4);
    for (let times = 0; times < 6; times += 1) {
      const stranger = house.join('', { room: '', resume: { ...place, session: `lobby:${'x'.repeat(22)}` } });
      await answered(stranger);
      expect(stranger.rejections[0]?.reason).to.equal('SESSION_UNKNOWN');
    }
    await goesOn();
  });

  it('a session that resumes from there is told so, again and again, alone, and waits for its grace', async () => {
    const place = placeAt(4);
    house.log.damaged.add(4);
    ada.gone();
    for (let times = 0; times < 6; times += 1) {
      const again = house.join('', { room: '', resume: place });
      await answered(again);
      expect(again.ending).to.deep.equal({ kind: 'damaged' });
    }
    await goesOn();
    expect(house.lefts('Ada')).to.deep.equal([]);
    const elsewhere = house.join('', { room: '', resume: placeAt(10) });
    await house.until('a welcome', () => elsewhere.welcomed);
    expect(elsewhere.welcome.resumed).to.equal(true);
  });

  it('who catches up gets all before it, and then that it is damaged', async () => {
    const place = placeAt(3);
    house.log.damaged.add(7);
    ada.gone();
    const again = house.join('', { room: '', resume: place });
    await answered(again);
    expect(again.events.map(({ sequence }) => sequence)).to.deep.equal([4, 5, 6]);
    expect(again.ending).to.deep.equal({ kind: 'damaged' });
    await goesOn();
  });

  it('newcomers who want earlier events get those behind it, once it is known', async () => {
    house.log.damaged.add(7);
    const first = house.join('Cyd', { history: 5 });
    await answered(first);
    expect(first.ending).to.deep.equal({ kind: 'damaged' });
    const second = await house.visit('Dan', { history: 8 });
    expect(second.ending).to.equal(undefined);
    expect(second.events[0]?.sequence).to.equal(9);
    await goesOn();
  });

  it('newcomers whose first place is there begin behind it', async () => {
    house.log.damaged.add(7).add(8);
    const cyd = await house.visit('Cyd', { history: 3 });
    expect(cyd.events.map(({ sequence }) => sequence)).to.deep.equal([10, 11]);
    await goesOn();
  });

  it('a page of history ends before it; the next one says that it is damaged; those behind can be read', async () => {
    house.log.damaged.add(7);
    const page = await house.history('lobby', 0);
    expect(page.kind === 'page' && eventsIn(page.events).map(({ sequence }) => sequence)).to.deep.equal([
      1, 2, 3, 4, 5, 6,
    ]);
    expect(await house.history('lobby', 6)).to.deep.equal({ kind: 'damaged' });
    const rest = await house.history('lobby', 7);
    expect(rest.kind === 'page' && eventsIn(rest.events).map(({ sequence }) => sequence)).to.deep.equal([8, 9, 10]);
    await goesOn();
  });

  it('a repeat of what stands there is told so, and published no second time [P5]', async () => {
    house.log.damaged.add(5);
    const { session } = ada.welcome;
    expect(await house.publish(session, 'message 3', 3)).to.deep.equal({ kind: 'damaged' });
    ada.publish('message 3', 3);
    await goesOn();
    expect(ada.ending).to.equal(undefined);
    expect(ada.events.filter((event) => event.kind === 'message' && event.ordinal === 3)).to.have.length(1);
  });
});
