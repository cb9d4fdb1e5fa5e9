import { expect } from 'chai';
import { eventsIn, House, refusal, told } from './house.js';

describe('RoomActor', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  it('makes one order of all that happens, and stamps it [S4] [S8] [P1] [P7]', async () => {
    const ada = await house.visit('Ada', { lamport: 10 });
    const bob = await house.visit('Bob', { lamport: 5 });
    ada.publish('one', 1, { lamport: 20, seen: 2 });
    bob.publish('two', 1, { lamport: 7, seen: 1 });
    ada.tell({ kind: 'leave', lamport: 30 });
    await house.heard(bob, 'Ada left');
    expect(house.events().map(({ lamport }) => lamport)).to.deep.equal([11, 12, 21, 22, 31]);
    expect(told(bob.events)).to.deep.equal(['Bob joined', 'Ada: one', 'Bob: two', 'Ada left']);
    expect(house.events()[2]).to.include({ seen: 2, ordinal: 1, timeMs: house.nowMs });
  });

  it('tells nobody of an event before it is durable [P4]', async () => {
    const ada = await house.visit('Ada');
    house.log.hold();
    const answer = house.publish(ada.welcome.session, 'hi', 1);
    await house.until('it is in work', () => house.log.appends === 2);
    const bob = house.join('Bob');
    // A request that is answered at once: the room has had its turns.
    await house.participants('lobby');
    expect(told(ada.events)).to.deep.equal(['Ada joined']);
    expect(bob.sent).to.deep.equal([]);
    house.log.release();
    const accepted = await answer;
    expect(accepted.kind === 'accepted' && told(eventsIn(accepted.event))).to.deep.equal(['Ada: hi']);
    await house.heard(bob, 'Bob joined');
    expect(told(ada.events)).to.include('Ada: hi');
  });

  it('answers a repeated publish with the first one’s event, and publishes it once [P5]', async () => {
    const ada = await house.visit('Ada');
    const { session } = ada.welcome;
    const [first, again] = [await house.publish(session, 'hi', 1), await house.publish(session, 'hi', 1)];
    expect(first).to.include({ kind: 'accepted', sequence: 2 });
    expect(again).to.include({ kind: 'repeated', sequence: 2 });
    expect(again.kind === 'repeated' && eventsIn(again.event)).to.deep.equal(house.events().slice(1));
    ada.publish('hi', 1);
    await house.publish(session, 'two', 2);
    expect(told(house.events())).to.deep.equal(['Ada joined', 'Ada: hi', 'Ada: two']);
    expect(ada.rejections, 'a repeat is no fault').to.deep.equal([]);
  });

  it('refuses a repeat whose event the log has forgotten: ORDINAL_INVALID [P5] [P11]', async () => {
    house = new House({ memoryEventsPerRoomMax: 2, snapshotEveryEvents: 1 });
    const ada = await house.visit('Ada');
    const { session } = ada.welcome;
    for (let ordinal = 1; ordinal <= 20; ordinal += 1) await house.publish(session, `${ordinal}`, ordinal);
    expect(refusal(await house.publish(session, '1', 1))).to.include({ reason: 'ORDINAL_INVALID', ordinal: 1 });
    expect(await house.publish(session, '20', 20)).to.include({ kind: 'repeated', sequence: 21 });
  });

  describe('with a join and its leave in one group', () => {
    it('ends the stream after its own Left, at once and with nothing beyond it [P8]', async () => {
      const bob = await house.visit('Bob');
      const ada = house.join('Ada');
      ada.publish('in and out', 1);
      ada.tell({ kind: 'leave', lamport: 0 });
      bob.publish('after her', 1);
      await house.until('Ada is out', () => ada.endings.length > 0);
      expect(house.log.appends, 'one group').to.equal(2);
      expect(told(ada.events)).to.deep.equal(['Ada joined', 'Ada: in and out', 'Ada left']);
      expect(ada.destroyed).to.equal(false);
      expect(ada.ending).to.deep.equal({ kind: 'complete' });
    });

    it('counts somebody who came under the name of one who left [S5]', async () => {
      const first = await house.visit('Ada');
      first.tell({ kind: 'leave', lamport: 0 });
      const second = house.join('Ada');
      await house.until('the second is in', () => second.welcomed);
      expect(house.log.appends, 'one group').to.equal(2);
      expect(await house.participants('lobby')).to.deep.equal(['Ada']);
    });
  });

  it('forgets what ended sessions said where all rooms together remember too much, the room used longest ago first [P5] [P12]', async () => {
    house = new House({ endedOrdinalsInAllMax: 5, snapshotEveryEvents: 1 });
    const said: Record<string, string> = {};
    const visit = async (name: string, room: string, messages: number) => {
      const { welcome } = await house.visit(name, { room });
      said[name] = welcome.session;
      for (let ordinal = 1; ordinal <= messages; ordinal += 1) {
        expect(await house.publish(welcome.session, `${ordinal}`, ordinal)).to.include({ kind: 'accepted' });
      }
      await house.leave(welcome.session);
    };
    /** What becomes of the first message when it is sent again. */
    const repeated = async (name: string) => {
      const answer = await house.publish(said[name] ?? '', '1', 1);
      return refusal(answer)?.reason ?? answer.kind;
    };
    await visit('Ada', 'tea', 2);
    await visit('Bob', 'cup', 2);
    await visit('Cyd', 'tea', 1);
    expect(await Promise.all(['Ada', 'Bob', 'Cyd'].map(repeated))).to.deep.equal(Array(3).fill('repeated'));
    await visit('Dan', 'tea', 2);
    expect(await Promise.all(['Ada', 'Bob', 'Cyd', 'Dan'].map(repeated))).to.deep.equal([
      ...['repeated', 'SESSION_UNKNOWN'],
      ...['repeated', 'repeated'],
    ]);
    await visit('Eve', 'cup', 1);
    expect(await Promise.all(['Ada', 'Eve'].map(repeated))).to.deep.equal(['SESSION_UNKNOWN', 'repeated']);
    // A room that has forgotten goes on, and so does its next life.
    await house.close();
    house = new House({}, house.log);
    await visit('Fay', 'cup', 1);
    expect(await Promise.all(['Eve', 'Fay'].map(repeated))).to.deep.equal(['repeated', 'repeated']);
    expect(house.logged('room-unreadable')).to.deep.equal([]);
  });

  it('records joins, leaves and deliveries with their identifiers [T3] [T4]', async () => {
    const ada = await house.visit('Ada');
    ada.publish('a secret', 1);
    await house.heard(ada, 'secret');
    await house.leave(ada.welcome.session);
    const participant = { level: 'info', room: 'lobby', participant: 'Ada' };
    const [joined, left] = [house.logged('broadcast-join')[0], house.logged('broadcast-leave')[0]];
    expect(joined).to.include({ ...participant, sequence: 1, lamport: 1 });
    expect(left).to.include({ ...participant, sequence: 3, lamport: 3 });
    expect(joined?.session).to.equal(left?.session);
    const chains = house.events().map(({ chain }) => chain);
    const { logId } = ada.welcome;
    expect([joined, left].map((record) => [record?.logId, record?.chain])).to.deep.equal([
      [logId, chains[0]],
      [logId, chains[2]],
    ]);
    const deliveries = house.logged('delivery');
    expect(deliveries.map((record) => [record.sequence, record.last, record.lamport, record.chain])).to.deep.equal([
      [1, 1, 1, chains[0]],
      [2, 2, 2, chains[1]],
      [3, 3, 3, chains[2]],
    ]);
    for (const record of deliveries) expect(record.logId).to.equal(logId);
    expect(JSON.stringify(house.records)).not.to.include('a secret');
  });
});
