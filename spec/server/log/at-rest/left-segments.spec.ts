import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkReport } from '../../../../lib/cli/check-command.js';
import { isGood } from '../../../../lib/server/log/at-rest/check-store.js';
import { checkedStore } from '../../../../lib/server/log/at-rest/cut-store.js';
import { storedRooms } from '../../../../lib/server/log/at-rest/stored-rooms.js';
import { StoreDamaged } from '../../../../lib/server/log/lmdb/lmdb-file.js';
import type { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { segmentNames } from '../../../../lib/server/log/write-ahead/segment.js';
import { editStore, withFlippedBit } from '../lmdb/stored-damage.js';
import { comparable, decode, eventsAfter, eventsOf, RoomScript, recoveredState } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { openLeft } from '../write-ahead/acknowledged-rooms.js';
import { damageSegment, leftStore, type Talk } from '../write-ahead/left-store.js';

describe('A store at rest with segments that a killed process has left', () => {
  const newDirectory = temporaryDirectories();
  let directory: string;
  let lobby: RoomScript;
  let porch: RoomScript;
  let lobbyEntries: ReturnType<RoomScript['talk']>;
  let porchEntries: ReturnType<RoomScript['talk']>;

  /** LMDB has the annex, and the lobby up to event 20; the segments have the lobby up to 31, and the porch. */
  beforeEach(async () => {
    lobby = new RoomScript('lobby');
    porch = new RoomScript('porch');
    const annex = new RoomScript('annex');
    const stored = [lobby.join('Ada', true), ...lobby.talk('Ada', 19, 'stored')];
    const ahead = [lobby.join('Bob'), ...lobby.talk('Bob', 10, 'ahead')];
    lobbyEntries = [...stored, ...ahead];
    porchEntries = [porch.join('Cyd'), ...porch.talk('Cyd', 3, 'on the porch')];
    directory = await leftStore(
      newDirectory(),
      [
        [annex, [annex.join('Bob'), ...annex.talk('Bob', 2)]],
        [lobby, stored],
      ],
      [
        [lobby, ahead],
        [porch, porchEntries],
      ],
    );
  });

  const check = (cut = false) => checkedStore(directory, { decode, cut });

  /** All files of the store, but for the lock's. */
  const files = () =>
    readdirSync(directory)
      .filter((name) => (name.endsWith('.mdb') ? name !== 'lock.mdb' : name.startsWith('ahead')))
      .sort()
      .map((name) => [name, readFileSync(join(directory, name)).toString('base64')]);

  interface Ids {
    [room: string]: string | undefined;
  }

  const idsIn = (log: LmdbLog): Ids => Object.fromEntries(log.heads().map(({ room, logId }) => [room, logId]));

  /** The log ids that a start finds in a copy of it. */
  async function ids(): Promise<Ids> {
    const copy = join(newDirectory(), 'copy');
    cpSync(directory, copy, { recursive: true });
    const { log } = await openLeft(copy);
    try {
      return idsIn(log);
    } finally {
      await log.close();
    }
  }

  const sound = [
    'annex: all 3 events good.',
    'lobby: all 31 events good.',
    'porch: all 4 events good.',
    'Of these, 15 events in its write-ahead segments; the next start takes them over.',
  ];

  it('is good with what they have, is left as it is, and is what the next start finds', async () => {
    const before = files();
    for (const cut of [false, true]) {
      const report = await check(cut);
      expect(checkReport(report)).to.deep.equal([...sound, `All of ${directory} is good: 3 rooms, 38 good events.`]);
      expect(files()).to.deep.equal(before);
      const known = await ids();
      for (const { room, id } of report.rooms) expect(id?.logId, room).to.equal(known[room]);
    }
    const { log, reported } = await openLeft(directory);
    expect(reported).to.equal(false);
    expect(eventsAfter(log, 'lobby', 0)).to.deep.equal(eventsOf(lobbyEntries));
    await log.close();
  });

  it('says so where they are damaged, and writes nothing; a start says the same', async () => {
    damageSegment(directory, 'on the porch');
    const before = files();
    const report = await check();
    expect(checkReport(report)).to.deep.equal([
      'Its write-ahead segments are damaged: of any of its rooms the newest events may be lost.',
      'annex: all 3 events good.',
      'lobby: all 31 events good.',
      'Of these, 11 events in its write-ahead segments; the next start takes them over.',
      `${directory} is damaged: 2 rooms, 34 good events. With --cut it is made anew of what is good.`,
    ]);
    expect(isGood(report)).to.equal(false);
    expect(files()).to.deep.equal(before);
    const { log, reported } = await openLeft(directory);
    expect(reported).to.equal(true);
    expect(idsIn(log)).to.have.all.keys('annex', 'lobby');
    await log.close();
  });

  /** After a cut: the report's log ids are those that the server finds, and all of it is good. */
  async function expectCut(known: Ids, renewed: readonly string[]): Promise<LmdbLog> {
    const report = await check(true);
    const { log, reported } = await openLeft(directory);
    expect(reported).to.equal(false);
    const found = idsIn(log);
    expect('cut' in report && report.cut.map(({ room, logId }) => [room, logId])).to.deep.equal(
      renewed.map((room) => [room, found[room]]),
    );
    for (const [room, logId] of Object.entries(found)) {
      if (renewed.includes(room)) expect(logId, room).not.to.equal(known[room]);
      else expect(logId, room).to.equal(known[room]);
    }
    for (const { room } of log.heads()) recoveredState(log, room);
    return log;
  }

  it('has other log ids of all rooms once it was cut for damaged segments, which are kept [P11]', async () => {
    const known = await ids();
    damageSegment(directory, 'ahead');
    const before = segmentNames.map((name) => readFileSync(join(directory, name)));
    const log = await expectCut(known, ['annex', 'lobby', 'porch']);
    expect(eventsAfter(log, 'lobby', 0)).to.deep.equal(eventsOf(lobbyEntries.slice(0, 20)));
    expect(eventsAfter(log, 'porch', 0)).to.deep.equal(eventsOf(porchEntries));
    expect(log.heads().every(({ logIdAfter, place }) => logIdAfter === place.sequence)).to.equal(true);
    await log.close();
    for (const [index, name] of segmentNames.entries()) {
      expect(existsSync(join(directory, name))).to.equal(false);
      expect(readFileSync(join(directory, `${name}.before-cut`)).equals(before[index] as Buffer)).to.equal(true);
    }
    expect(isGood(await check())).to.equal(true);
  });

  it('counts what the next start takes over, whichever frame is damaged [P1]', async () => {
    for (const damaged of ['first', 'second', 'third', 'on the porch']) {
      const [one, other] = [new RoomScript('lobby'), new RoomScript('porch')];
      const talk = (text: string): Talk => [one, one.talk('Ada', 4, text)];
      directory = await leftStore(
        newDirectory(),
        [[one, [one.join('Ada'), ...one.talk('Ada', 4, 'stored')]]],
        [talk('first'), [other, [other.join('Cyd'), other.say('Cyd', 'on the porch')]], talk('second'), talk('third')],
      );
      damageSegment(directory, damaged);
      const report = await check();
      expect(report.segmentsSound).to.equal(false);
      const { log, reported } = await openLeft(directory);
      expect(reported).to.equal(true);
      expect(report.rooms.map(({ room, newest, good }) => [room, newest, good])).to.deep.equal(
        log.heads().map(({ room, place }) => [room, place.sequence, place.sequence]),
      );
      expect(report.ahead).to.equal(log.heads().reduce((sum, { place }) => sum + place.sequence, -5));
      await log.close();
    }
  });

  it('has in the cut store what its segments had, of rooms that only they have too [P4]', async () => {
    const known = await ids();
    await editStore(directory, ({ events }) => events.removeSync(['annex', 2]));
    const log = await expectCut(known, ['annex']);
    expect(eventsAfter(log, 'lobby', 0)).to.deep.equal(eventsOf(lobbyEntries));
    expect(comparable(recoveredState(log, 'lobby'))).to.deep.equal(comparable(lobby.state));
    expect(comparable(recoveredState(log, 'porch'))).to.deep.equal(comparable(porch.state));
    expect(log.head('lobby')?.participants).to.equal(2);
    expect(log.head('annex')?.place.sequence).to.equal(1);
    await log.close();
  });

  it('is cut where LMDB is damaged, whatever the segments have of that room behind it', async () => {
    const known = await ids();
    await editStore(directory, ({ events }) => {
      events.putSync(['lobby', 12], withFlippedBit(events.get(['lobby', 12]), -9));
    });
    const before = files();
    expect(checkReport(await check()).slice(0, 3)).to.deep.equal([
      'annex: all 3 events good.',
      'lobby: good up to event 11 of 31, 1 event damaged or missing; 19 events behind that can be read.',
      'porch: all 4 events good.',
    ]);
    expect(files()).to.deep.equal(before);
    const log = await expectCut(known, ['lobby']);
    expect(eventsAfter(log, 'lobby', 0)).to.deep.equal(eventsOf(lobbyEntries.slice(0, 11)));
    expect(log.head('lobby')?.participants).to.equal(1);
    await log.close();
  });

  it("says that LMDB's damaged head is made anew, and keeps all by a cut and by a start", async () => {
    const known = await ids();
    await editStore(directory, ({ rooms }) => rooms.putSync('lobby', withFlippedBit(rooms.get('lobby'), 70)));
    expect(checkReport(await check())[1]).to.equal(
      'lobby: all 31 events good; its head is damaged, and is made anew from its events by the next start.',
    );
    expect(await ids()).to.deep.equal(known);
    const log = await expectCut(known, []);
    expect(eventsAfter(log, 'lobby', 0)).to.deep.equal(eventsOf(lobbyEntries));
    expect(log.head('lobby')?.participants).to.equal(2);
    await log.close();
  });

  // A transaction that failed after all may have left it. It was taken for what was acknowledged, or counted twice.
  it('does not count what LMDB has behind its heads', async () => {
    const known = await ids();
    const later = join(newDirectory(), 'later');
    cpSync(directory, later, { recursive: true });
    const { log: taken } = await openLeft(later);
    const annex = new RoomScript(recoveredState(taken, 'annex'));
    await taken.append(annex.group([annex.join('Eve')]));
    await taken.close();
    const behind: [[string, number], Buffer][] = [];
    await editStore(later, ({ events }) => {
      for (const key of [['annex', 4], ...[21, 22, 23].map((sequence) => ['lobby', sequence])] as [string, number][]) {
        behind.push([key, events.get(key) as Buffer]);
      }
    });
    await editStore(directory, ({ events, states }) => {
      for (const [key, value] of behind) events.putSync(key, value);
      // So that there is something to cut.
      states.putSync(['annex', 0], Buffer.from('this is no snapshot'));
    });
    const lines = checkReport(await check());
    expect(lines[0]).to.match(/^annex: all 3 events good; 1 snapshot damaged/);
    expect(lines.slice(1, 4)).to.deep.equal(sound.slice(1));
    const log = await expectCut(known, []);
    expect(log.heads().map(({ room, place, participants }) => [room, place.sequence, participants])).to.deep.equal([
      ['annex', 3, 1],
      ['lobby', 31, 2],
      ['porch', 4, 1],
    ]);
    expect(comparable(recoveredState(log, 'lobby'))).to.deep.equal(comparable(lobby.state));
    await log.close();
  });

  it('has a room that was removed and begun anew as it is now, by a start and by a cut [P11]', async () => {
    // A process was killed while it removed a large room of this name, and before LMDB had the new one.
    const old = new RoomScript('porch');
    await editStore(directory, ({ about }) => about.putSync('removing', ['porch']));
    const donor = newDirectory();
    const { log: other } = await openLeft(donor);
    await other.append(old.group([old.join('Old'), ...old.talk('Old', 9, 'long gone')]));
    await other.close();
    const left: [[string, number], Buffer][] = [];
    await editStore(donor, ({ events }) => {
      for (let sequence = 1; sequence <= 7; sequence += 1) {
        left.push([['porch', sequence], events.get(['porch', sequence]) as Buffer]);
      }
    });
    await editStore(directory, ({ events }) => {
      for (const [key, value] of left) events.putSync(key, value);
    });
    const known = await ids();
    const report = await check();
    expect(checkReport(report)).to.deep.equal([...sound, `All of ${directory} is good: 3 rooms, 38 good events.`]);
    expect(report.removing).to.deep.equal([]);
    await editStore(directory, ({ states }) => states.putSync(['annex', 0], Buffer.from('this is no snapshot')));
    const log = await expectCut(known, []);
    expect(eventsAfter(log, 'porch', 0)).to.deep.equal(eventsOf(porchEntries));
    expect(log.head('porch')?.participants).to.equal(1);
    expect(comparable(recoveredState(log, 'porch'))).to.deep.equal(comparable(porch.state));
    await log.close();
  });

  // It made the log ids anew and removed the segments, and nobody was told.
  it('is no store whose rooms are listed or removed where its segments are damaged: a start is to say so', async () => {
    damageSegment(directory, 'ahead');
    for (const removed of [[], ['porch']]) {
      const error = await storedRooms(directory, removed, { decode }).catch((reason: unknown) => reason);
      expect(error)
        .to.be.instanceOf(StoreDamaged)
        .with.property('message')
        .that.includes('write-ahead segments')
        .and.includes('chit-server check');
    }
    expect((await check()).segmentsSound).to.equal(false);
    const { log, reported } = await openLeft(directory);
    expect(reported).to.equal(true);
    expect(log.heads().map(({ room }) => room)).to.deep.equal(['annex', 'lobby', 'porch']);
    await log.close();
  });

  it('lists its rooms with what the segments have, and removes rooms that only they have', async () => {
    const rooms = await storedRooms(directory, ['porch'], { decode });
    expect(rooms.map(({ room, events, participants }) => ({ room, events, participants }))).to.deep.equal([
      { room: 'annex', events: 3, participants: 1 },
      { room: 'lobby', events: 31, participants: 2 },
      { room: 'porch', events: 4, participants: 1 },
    ]);
    for (let start = 0; start < 2; start += 1) {
      const { log } = await openLeft(directory);
      expect(log.heads().map(({ room }) => room)).to.deep.equal(['annex', 'lobby']);
      expect(eventsAfter(log, 'lobby', 0)).to.deep.equal(eventsOf(lobbyEntries));
      await log.close();
    }
  });
});
