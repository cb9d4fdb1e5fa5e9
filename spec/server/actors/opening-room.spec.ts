import { expect } from 'chai';
import { entriesPerSlice } from '../../../lib/server/log/event-log.js';
import { MemoryLog } from '../../../lib/server/log/memory-log.js';
import { House, told } from './house.js';

/** So many slices of replaying, at least. */
const slices = 40;

describe('A room that is being opened', () => {
  let house: House;

  /** A second life on the log of a first one, in which Ada has said much in the lobby and is still there. */
  beforeEach(async () => {
    house = new House({ publishesPerSecondMax: 0, inletDraftsMax: slices * entriesPerSlice });
    const ada = await house.visit('Ada');
    const count = slices * entriesPerSlice;
    for (let ordinal = 1; ordinal <= count; ordinal += 1) {
      void house.publish(ada.welcome.session, `message ${ordinal}`, ordinal);
    }
    await house.until('all of it', () => house.log.head('lobby')?.place.sequence === count + 1);
    await house.close();
    secondLife();
  });

  afterEach(() => house.close());

  function secondLife(limits: ConstructorParameters<typeof House>[0] = {}): void {
    house = new House({ publishesPerSecondMax: 0, ...limits }, house.log);
  }

  it('keeps no other room waiting: what is said there is told between the slices', async () => {
    const eve = await house.visit('Eve', { room: 'other' });
    house.log.recoverSlices = 200;
    const bob = house.join('Bob');
    let said = 0;
    while (!bob.welcomed && said < 1000) {
      said += 1;
      await house.publish(eve.welcome.session, `${said}`, said);
    }
    // An answer takes a few turns of the event loop, and so does each slice.
    expect(said).to.be.greaterThan(10);
    expect(told(eve.events)).to.include('Eve: 5');
  });

  it('does so while it is replayed, too', async () => {
    const eve = await house.visit('Eve', { room: 'other' });
    const bob = house.join('Bob');
    let said = 0;
    while (!bob.welcomed && said < 1000) {
      said += 1;
      await house.publish(eve.welcome.session, `${said}`, said);
    }
    expect(said).to.be.greaterThan(2);
  });

  it('takes what comes for it meanwhile in its order, after the sessions of its earlier life have ended [P6] [P8]', async () => {
    const [bob, cyd] = [house.join('Bob'), house.join('Cyd')];
    const names = house.participants('lobby');
    expect(bob.welcomed).to.equal(false);
    await house.until('both are in', () => cyd.events.length > 0 && bob.events.length > 1);
    expect(await names).not.to.include('Ada');
    expect(told(house.events()).slice(-3)).to.deep.equal(['Ada left', 'Bob joined', 'Cyd joined']);
    expect(house.lefts('Ada')).to.have.length(1);
    expect(bob.welcome.participants).to.deep.equal([]);
  });

  it('lets as many wait as an inlet, and refuses the others at once: OVERLOADED [P12]', async () => {
    secondLife({ inletDraftsMax: 3 });
    const peers = ['Bob', 'Cyd', 'Dan', 'Eve', 'Fay'].map((name) => house.join(name));
    expect(peers.map((peer) => peer.rejections[0]?.reason)).to.deep.equal([
      ...[undefined, undefined, undefined],
      ...['OVERLOADED', 'OVERLOADED'],
    ]);
    // One place is Ada's, who has to leave.
    await house.until('two are in', () => peers.slice(0, 2).every((peer) => peer.welcomed));
    await house.visit('Gus');
  });

  it('counts what waits among that of all rooms, until it is taken in [P12]', async () => {
    secondLife({ inletsDraftsMax: 2 });
    const peers = [house.join('Bob'), house.join('Cyd'), house.join('Dan'), house.join('Eve', { room: 'other' })];
    expect(peers.map((peer) => peer.rejections[0]?.reason)).to.deep.equal([
      ...[undefined, undefined],
      ...['OVERLOADED', 'OVERLOADED'],
    ]);
    await house.until('one is in', () => peers[0]?.welcomed === true);
    await house.visit('Eve', { room: 'other' });
  });

  it('keeps no stop waiting: those who wait for it are refused, and nothing is decided', async () => {
    const before = house.events().length;
    house.log.recoverSlices = Number.POSITIVE_INFINITY;
    const bob = house.join('Bob');
    const names = house.participants('lobby');
    await house.server.stop();
    expect(bob.rejections[0]).to.include({ reason: 'OVERLOADED' });
    expect(await names).to.have.nested.property('rejection.reason', 'OVERLOADED');
    expect(house.events()).to.have.length(before);
  });

  it('goes on from its log after a failure while it is opened anew after another one', async () => {
    const bob = await house.visit('Bob');
    house.log.recoverFaults = 1;
    house.log.appendFaults.push('before');
    const lost = house.publish(bob.welcome.session, 'lost', 1);
    await house.until('two failures', () => house.logged('room-failed').length === 2);
    bob.publish('kept', 2);
    expect(await lost).to.deep.equal({ kind: 'failed' });
    await house.until('what Bob said', () => told(bob.events).includes('Bob: kept'));
    expect(bob.ending).to.equal(undefined);
  });

  it('ends with its streams where it fails again and again, and leaves nobody without an answer', async () => {
    secondLife({ roomRestartsPerMinuteMax: 2 });
    const bob = await house.visit('Bob');
    house.log.recoverFaults = 2;
    house.log.appendFaults.push('before');
    bob.publish('lost', 1);
    const answer = house.publish(bob.welcome.session, 'lost, too', 2);
    expect(await answer).to.deep.equal({ kind: 'failed' });
    await house.until('the end', () => bob.ending !== undefined);
    expect(bob.ending).to.deep.equal({ kind: 'failed' });
    await house.visit('Bob');
  });

  it('is not taken for one that nobody needs: it stays, whoever else wants to begin one', async () => {
    const log = new MemoryLog({ memoryEventsPerRoomMax: 100 });
    house = new House({}, log);
    const ada = await house.visit('Ada', { room: 'unspoken' });
    await house.leave(ada.welcome.session);
    await house.close();
    secondLife({ roomsMax: 1, unspokenRoomMsMin: 0, reservedPercent: 0 });
    const bob = house.join('Bob', { room: 'unspoken' });
    const cyd = house.join('Cyd', { room: 'another' });
    expect(cyd.rejections[0]).to.include({ reason: 'OVERLOADED' });
    await house.until('Bob is in', () => bob.welcomed);
    expect(told(house.events('unspoken'))).to.deep.equal(['Ada joined', 'Ada left', 'Bob joined']);
  });
});
