import { expect } from 'chai';
import { MemoryLog } from '../../../lib/server/log/memory-log.js';
import { eventsIn, House, told } from './house.js';

describe('A server at its start', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  /** What a server leaves that is stopped with Ada and Bob in the lobby and Cyd in another room. */
  async function earlierLife(): Promise<MemoryLog> {
    const log = new MemoryLog({ memoryEventsPerRoomMax: 100 });
    house = new House({}, log);
    const ada = await house.visit('Ada');
    await house.visit('Bob');
    await house.visit('Cyd', { room: 'other' });
    const gone = await house.visit('Dan');
    gone.gone();
    await house.heard(ada, 'Dan left');
    await house.close();
    return log;
  }

  it('ends the sessions of its earlier life, each once [P8]', async () => {
    const log = await earlierLife();
    house = new House({}, log);
    await house.server.repair();
    expect(told(house.events()).slice(-2)).to.deep.equal(['Ada left', 'Bob left']);
    expect(told(house.events('other'))).to.deep.equal(['Cyd joined', 'Cyd left']);
    expect(house.lefts('Ada')[0]).to.include({ reason: 'SERVER_RESTARTED' });
    await house.server.repair();
    for (const name of ['Ada', 'Bob', 'Dan']) expect(house.lefts(name), name).to.have.length(1);
    const ada = await house.visit('Ada', { history: 3 });
    expect(ada.welcome.participants).to.deep.equal([]);
    expect(told(ada.events)).to.deep.equal(['Dan left', 'Ada left', 'Bob left', 'Ada joined']);
  });

  it('goes on with sequences, times and chains where it was [P1] [P7]', async () => {
    const log = await earlierLife();
    house = new House({}, log);
    const before = house.events().at(-1);
    await house.server.repair();
    const events = house.events();
    expect(events.map(({ sequence }) => sequence)).to.deep.equal(events.map((_, n) => n + 1));
    expect(events.every(({ lamport }, n) => n === 0 || lamport > (events[n - 1]?.lamport ?? 0))).to.equal(true);
    expect(events.find(({ sequence }) => sequence === before?.sequence)).to.deep.equal(before);
  });

  it('knows the times of all rooms before it opens them [P7]', async () => {
    const log = new MemoryLog({ memoryEventsPerRoomMax: 100 });
    const lead = 64;
    house = new House({ lamportStartMax: lead, lamportLeadMax: lead }, log);
    await house.visit('Ada', { room: 'one', lamport: lead });
    await house.close();
    house = new House({ lamportStartMax: lead, lamportLeadMax: lead }, log);
    await house.visit('Bob', { room: 'two', lamport: 2 * lead });
  });

  it('is ready also while its log cannot be written, and ends those sessions later [P8]', async () => {
    const log = await earlierLife();
    house = new House({ readOnlyMs: 10, groupDraftsMax: 1 }, log);
    house.log.unwritable = true;
    await house.server.repair();
    expect(house.lefts('Ada')).to.deep.equal([]);
    await house.until('another try', () => house.logged('log-unwritable').length > 4);
    house.log.unwritable = false;
    await house.until('they have left', () => house.lefts('Ada').length + house.lefts('Bob').length === 2);
    await house.until('so has Cyd', () => house.lefts('Cyd', 'other').length === 1);
    house.nowMs += 10;
    await house.visit('Ada');
  });

  it('reads no room before it is asked for or has its turn, and one that is asked for first', async () => {
    const log = await earlierLife();
    house = new House({}, log);
    expect(house.log.recovered).to.deep.equal([]);
    const repaired = house.server.repair();
    expect(house.log.recovered).to.deep.equal([]);
    expect(await house.participants('other')).to.deep.equal([]);
    expect(house.log.recovered[0]).to.equal('other');
    await repaired;
    expect(house.log.recovered).to.deep.equal(['other', 'lobby']);
    expect(house.logged('start-repaired')).to.have.length(1);
    expect(house.logged('start-repaired')[0]).to.include({ rooms: 2, unreadable: 0 });
  });

  it('lets nobody into a room before the sessions of its earlier life have left it [P8]', async () => {
    const log = await earlierLife();
    house = new House({}, log);
    const ada = await house.visit('Ada', { history: 3 });
    expect(ada.welcome.participants).to.deep.equal([]);
    expect(told(ada.events)).to.deep.equal(['Dan left', 'Ada left', 'Bob left', 'Ada joined']);
    expect(house.lefts('Bob')[0]).to.include({ reason: 'SERVER_RESTARTED' });
    await house.server.repair();
    for (const name of ['Ada', 'Bob', 'Dan']) expect(house.lefts(name), name).to.have.length(1);
    expect(house.lefts('Cyd', 'other')).to.have.length(1);
  });

  it('tells what happened in a room, and who is there, only when those sessions have left [P8]', async () => {
    const log = await earlierLife();
    house = new House({}, log);
    house.log.hold();
    const answers: string[] = [];
    const history = house.history('lobby', 0).then((answer) => {
      answers.push('history');
      return answer;
    });
    const names = house.participants('lobby').then((answer) => {
      answers.push('participants');
      return answer;
    });
    expect(await house.history('elsewhere', 0)).to.include({ newest: 0 });
    expect(answers).to.deep.equal([]);
    house.log.release();
    expect(await names).to.deep.equal([]);
    const page = await history;
    expect(page.kind === 'page' && told(eventsIn(page.events)).slice(-2)).to.deep.equal(['Ada left', 'Bob left']);
  });

  it('does not keep anybody waiting for a room that cannot be read', async () => {
    const log = await earlierLife();
    house = new House({}, log);
    house.log.recoverFaults = 1;
    expect(await house.participants('lobby')).to.deep.equal([]);
    await house.server.repair();
    expect(house.logged('start-repaired')[0]).to.include({ rooms: 2, unreadable: 1 });
    expect(house.lefts('Cyd', 'other')).to.have.length(1);
  });

  it('leaves what it has not come to for its next life when it is stopped at once [P8]', async () => {
    const log = await earlierLife();
    house = new House({}, log);
    let resolved = false;
    void house.server.repair().then(() => {
      resolved = true;
    });
    await house.server.stop();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(resolved).to.equal(false);
    expect(house.log.recovered).to.deep.equal([]);
    house = new House({}, log);
    await house.server.repair();
    for (const name of ['Ada', 'Bob']) expect(house.lefts(name), name).to.have.length(1);
  });

  it('resolves at once where there is nothing to repair', async () => {
    await house.server.repair();
    expect(house.log.appends).to.equal(0);
  });
});
