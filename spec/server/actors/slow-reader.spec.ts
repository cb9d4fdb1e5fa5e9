import { expect } from 'chai';
import { House, told } from './house.js';

describe('A connection with a slow reader', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  it('sends nothing while the stream takes nothing, and then everything, without gap [P3] [P10]', async () => {
    const slow = await house.visit('Slow', { takes: 2 });
    const sentBefore = slow.sent.length;
    const bob = await house.visit('Bob');
    for (let ordinal = 1; ordinal <= 500; ordinal += 1) bob.publish(`${ordinal}`, ordinal);
    await house.until('Bob has all', () => told(bob.events).includes('Bob: 500'));
    expect(slow.sent.length, 'nothing while it is full').to.equal(sentBefore);
    while (slow.events.length < house.events().length) {
      const had = slow.sent.length;
      slow.drain(1);
      expect(slow.sent.length, 'one write for each that is taken').to.equal(had + 1);
    }
    expect(slow.events).to.deep.equal(house.events());
  });

  it('never delays the others by it [T2] [P10]', async () => {
    const slow = await house.visit('Slow', { takes: 2 });
    const bob = await house.visit('Bob');
    const cyd = await house.visit('Cyd');
    bob.publish('hi', 1);
    await house.until('Cyd hears it', () => told(cyd.events).includes('Bob: hi'));
    expect(told(slow.events)).to.deep.equal(['Slow joined']);
  });

  it('cuts a stream that takes nothing for `stallMsMax`, and its session ends [P10]', async () => {
    house = new House({ stallMsMax: 20 });
    const bob = await house.visit('Bob');
    const slow = await house.visit('Slow', { takes: 2 });
    await house.until('the cut', () => slow.destroyed);
    await house.until('Slow’s Left', () => told(bob.events).includes('Slow left'));
    expect(house.lefts('Slow')).to.have.length(1);
    expect(house.lefts('Slow')[0]).to.include({ reason: 'CONNECTION_LOST' });
    expect(house.logged('cut')).to.have.length(1);
    expect(house.logged('cut')[0]).to.include({ level: 'warn', wait: 'stall', participant: 'Slow', room: 'lobby' });
  });

  it('cuts no stream that goes on taking, though it is never done, and cuts it when it takes too little [P10]', async () => {
    const stallMsMax = 20;
    house = new House({ stallMsMax, stallBytesPerSecondMin: 1_000, writeBytesMax: 1_000_000 });
    const slow = await house.visit('Slow', { takes: 2 });
    // Each time it is asked, it has taken more: what it must, then less.
    let asked = 0;
    Object.defineProperty(slow, 'taken', {
      get: () => {
        asked += 1;
        return asked <= 5 ? asked * stallMsMax : 5 * stallMsMax + 1;
      },
    });
    await house.until('the cut', () => slow.destroyed);
    expect(asked).to.equal(6);
  });

  it('cuts no stream that reads everything it was sent', async () => {
    house = new House({ stallMsMax: 20 });
    const quick = await house.visit('Quick', { takes: 2 });
    quick.drain();
    // A stream that stalls from here on is cut: when that has happened, the other's time was over too.
    const slow = await house.visit('Slow', { takes: 2 });
    await house.until('the cut', () => slow.destroyed);
    expect(quick.destroyed).to.equal(false);
  });

  it('cuts the stream that was sent events longest ago, and has not taken them, where all together have not taken too much [P10] [P12]', async () => {
    house = new House({ writeBytesMax: 1_000, untakenBytesMax: 4_500 });
    const stalled = async (name: string, held: number) => {
      const peer = await house.visit(name, { takes: 2 });
      peer.held = held;
      return peer;
    };
    const [taken, ada, bob] = [await stalled('Taken', 0), await stalled('Ada', 1), await stalled('Bob', 1)];
    expect(house.logged('cut'), 'nothing is left of the first').to.deep.equal([]);
    taken.drain();
    ada.drain();
    ada.held = 0;
    bob.drain(1);
    await stalled('Cyd', 0);
    await stalled('Dan', 1);
    expect([taken, ada, bob].map(({ destroyed }) => destroyed)).to.deep.equal([false, false, false]);
    await stalled('Eve', 1);
    expect(house.logged('cut')).to.have.length(1);
    expect(house.logged('cut')[0]).to.include({ level: 'warn', wait: 'stall', participant: 'Bob' });
    expect(house.logged('cut')[0]).to.include({ limit: 'untakenBytesMax', limitValue: 4_500 });
    await house.until('its Left', () => house.lefts('Bob').length === 1);
    expect(ada.endings).to.deep.equal([]);
  });

  it('counts what a stream reads for itself, also where it stays writable [P12]', async () => {
    house = new House({ writeBytesMax: 10_000, untakenBytesMax: 3_000, tailBytesMax: 0 });
    const ada = await house.visit('Ada');
    for (let ordinal = 1; ordinal <= 3; ordinal += 1) ada.publish('🎉'.repeat(120), ordinal);
    await house.until('all of it', () => ada.events.length === 4);
    const bob = await house.visit('Bob', { history: 4 });
    bob.held = 1;
    expect(bob.destroyed).to.equal(false);
    const cyd = await house.visit('Cyd', { history: 5 });
    expect([ada.destroyed, bob.destroyed, cyd.destroyed]).to.deep.equal([false, true, false]);
  });

  it('cuts a stream that does not end within `lingerMsMax`, whatever hangs', async () => {
    house = new House({ lingerMsMax: 10 });
    const ada = await house.visit('Ada', { hangs: true });
    ada.tell({ kind: 'malformed' });
    expect(ada.endings).to.deep.equal([{ kind: 'malformed' }]);
    await house.until('the cut', () => ada.destroyed);
    await house.until('its end', () => house.logged('disconnect').length === 1);
    expect(house.logged('cut')[0]).to.include({ wait: 'linger' });
  });

  it('cuts a stream that does not read up to its own Left, so that its connection does not outlive its session', async () => {
    house = new House({ lingerMsMax: 10 });
    const ada = await house.visit('Ada', { takes: 2 });
    void house.leave(ada.welcome.session);
    await house.until('the cut', () => ada.destroyed);
    expect(told(ada.events)).to.deep.equal(['Ada joined']);
    expect(house.lefts('Ada')).to.have.length(1);
  });

  it('is sent no heartbeat as long as it does not read, while one that reads gets them when it is quiet [P10]', async () => {
    house = new House({ heartbeatMs: 40 });
    const slow = await house.visit('Slow', { takes: 2 });
    const quick = await house.visit('Quick');
    const beats = ({ sent }: { readonly sent: readonly Buffer[] }) => sent.filter(({ length }) => length === 0).length;
    await house.until('heartbeats', () => beats(quick) >= 3);
    expect(slow.sent).to.have.length(2);
    expect(beats(slow)).to.equal(0);
    slow.drain();
    await house.until('its own', () => beats(slow) >= 1);
    expect(told(slow.events)).to.deep.equal(['Slow joined', 'Quick joined']);
  });

  it('stops listening to a client that does not read why it is refused, until it does [P12]', async () => {
    house = new House({ refusalsWaitingMax: 3 });
    const peer = house.connect({ takes: 1 });
    let told = 0;
    for (let ordinal = 1; !peer.paused && ordinal < 100; ordinal += 1) {
      peer.publish('hi', ordinal);
      told = ordinal;
    }
    expect(told, 'one sent, three waiting').to.equal(4);
    expect(peer.rejections.map(({ ordinal }) => ordinal)).to.deep.equal([1]);
    peer.drain(2);
    expect(peer.rejections.map(({ ordinal }) => ordinal)).to.deep.equal([1, 2, 3]);
    expect(peer.paused, 'one is still waiting').to.equal(true);
    peer.drain(2);
    expect(peer.rejections.map(({ ordinal }) => ordinal)).to.deep.equal([1, 2, 3, 4]);
    expect(peer.paused).to.equal(false);
    peer.publish('hi', 5);
    expect(peer.rejections.at(-1)?.ordinal).to.equal(5);
  });

  it('stops listening to all who do not read why they are refused when as many refusals wait in all as may, until they do [P12]', async () => {
    house = new House({ refusalsWaitingInAllMax: 4 });
    const [one, two, three] = [1, 1, 1].map((takes) => house.connect({ takes }));
    const refuse = (peer: typeof one, count: number) => {
      for (let ordinal = 1; ordinal <= count; ordinal += 1) peer?.publish('hi', ordinal);
    };
    refuse(one, 4);
    expect(one?.paused, 'one sent, three waiting').to.equal(false);
    refuse(two, 2);
    expect(two?.paused, 'the fourth is waiting').to.equal(true);
    refuse(three, 1);
    expect(three?.paused, 'its own was sent').to.equal(false);
    refuse(one, 1);
    expect(one?.paused).to.equal(true);
    two?.drain(1);
    expect(two?.paused, 'it has taken all').to.equal(false);
    one?.gone();
    refuse(three, 3);
    expect(three?.paused, 'what waited for the first is gone with it').to.equal(false);
  });

  it('is told HISTORY_LOST where the log forgot what it had not read, never served a gap [P11]', async () => {
    house = new House({ memoryEventsPerRoomMax: 5, snapshotEveryEvents: 2, tailBytesMax: 64 });
    const slow = await house.visit('Slow', { takes: 2 });
    const bob = await house.visit('Bob');
    for (let ordinal = 1; ordinal <= 40; ordinal += 1) {
      bob.publish(`${ordinal}`, ordinal);
      await house.until('Bob hears it', () => told(bob.events).includes(`Bob: ${ordinal}`));
    }
    slow.drain();
    expect(told(slow.events)).to.deep.equal(['Slow joined']);
    expect(slow.rejections.map(({ reason }) => reason)).to.deep.equal(['HISTORY_LOST']);
    expect(slow.ending).to.deep.equal({ kind: 'refused', rejection: slow.rejections[0] });
    await house.until('its Left', () => told(bob.events).includes('Slow left'));
  });
});
