import { copyFileSync, existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { open } from 'lmdb';
import { checkReport } from '../../../../lib/cli/check-command.js';
import { decodeEvent } from '../../../../lib/codec/event-codec.js';
import { atOnce } from '../../../../lib/core/slices.js';
import { isGood } from '../../../../lib/server/log/at-rest/check-store.js';
import { checkedStore } from '../../../../lib/server/log/at-rest/cut-store.js';
import type { EncodedEntry, EventLog, RoomHead } from '../../../../lib/server/log/event-log.js';
import { StoreDamaged } from '../../../../lib/server/log/lmdb/lmdb-file.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { LmdbPages } from '../../../../lib/server/log/lmdb/lmdb-pages.js';
import { eventually } from '../../../system/eventually.js';
import { flipBit } from '../lmdb/flipped-store.js';
import { editStore, withFlippedBit } from '../lmdb/stored-damage.js';
import { comparable, decode, eventsAfter, eventsOf, RoomScript, recoveredState } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';

describe('A store at rest', () => {
  const newDirectory = temporaryDirectories();
  let directory: string;
  let entries: EncodedEntry[];
  let lobby: RoomScript;
  let heads: ReturnType<EventLog['heads']>;

  const check = (cut = false) => checkedStore(directory, { decode, cut });

  beforeEach(async () => {
    directory = newDirectory();
    const log = LmdbLog.open(directory, { decode });
    lobby = new RoomScript('lobby');
    const annex = new RoomScript('annex');
    entries = [lobby.join('Ada', true), lobby.join('Bob'), ...lobby.talk('Ada', 120)];
    await log.append(lobby.group(entries.slice(0, 50)));
    await log.append(annex.group([annex.join('Cyd'), ...annex.talk('Cyd', 9)], { snapshot: true }));
    await log.append(lobby.group(entries.slice(50), { snapshot: true }));
    heads = log.heads();
    await log.close();
  });

  it('is good where nothing was damaged, and is left as it is', async () => {
    const before = readFileSync(join(directory, 'data.mdb'));
    const report = await check(true);
    expect(isGood(report)).to.equal(true);
    expect(checkReport(report)).to.deep.equal([
      'annex: all 10 events good.',
      'lobby: all 122 events good.',
      `All of ${directory} is good: 2 rooms, 132 good events.`,
    ]);
    expect(readFileSync(join(directory, 'data.mdb')).equals(before)).to.equal(true);
  });

  it('is refused while a server has it, and where there is none', async () => {
    const log = LmdbLog.open(directory, { decode });
    expect(await check().catch((error) => error)).to.have.property('name', 'StoreInUse');
    await log.close();
    directory = newDirectory();
    expect(await check().catch((error) => error)).to.have.property('message', `There is no store in ${directory}.`);
    expect(readdirSync(directory)).to.deep.equal([]);
  });

  it('is said to be good up to where a room is damaged, and goes on from there once it was cut [P1] [P11]', async () => {
    await editStore(directory, ({ events, rooms }) => {
      events.putSync(['lobby', 60], withFlippedBit(events.get(['lobby', 60]), -9));
      rooms.putSync('annex', withFlippedBit(rooms.get('annex'), 70));
    });
    expect(checkReport(await check())).to.deep.equal([
      'annex: all 10 events good; its head is damaged, and is made anew from its events by the next start.',
      'lobby: good up to event 59 of 122, 1 event damaged or missing; 62 events behind that can be read.',
      `${directory} is damaged: 2 rooms, 69 good events. With --cut it is made anew of what is good.`,
    ]);
    expect(existsSync(join(directory, 'data.mdb.before-cut'))).to.equal(false);

    const lines = checkReport(await check(true));
    const log = LmdbLog.open(directory, { decode });
    const head = log.head('lobby');
    expect(lines.slice(2)).to.deep.equal([
      `lobby ends at event 59 now, and has the new log id ${head?.logId}.`,
      `${directory} is whole again: 2 rooms, 69 good events. The file as it was is ${join(directory, 'data.mdb.before-cut')}.`,
    ]);
    expect(head?.logId).not.to.equal(heads[1]?.logId);
    expect(head?.participants).to.equal(2);
    expect(head?.logIdAfter, 'the new log id begins after what was kept').to.equal(59);
    expect(eventsAfter(log, 'lobby', 0)).to.deep.equal(eventsOf(entries.slice(0, 59)));
    expect(log.head('annex')).to.deep.equal(heads[0]);
    expect(atOnce(log.recover('annex')).snapshot).not.to.equal(undefined);
    const again = new RoomScript(recoveredState(log, 'lobby'));
    const added = again.talk('Ada', 80, 'goes on');
    await log.append(again.group(added));
    expect(eventsAfter(log, 'lobby', 59)).to.deep.equal(eventsOf(added));
    expect(comparable(recoveredState(log, 'lobby'))).to.deep.equal(comparable(again.state));
    await log.close();
    expect(isGood(await check())).to.equal(true);
  });

  it('keeps the place where a log id began, through appends, starts, a lost head and a cut of another room [P11]', async () => {
    const damage = (room: string, sequence: number) =>
      editStore(directory, ({ events }) => {
        events.putSync([room, sequence], withFlippedBit(events.get([room, sequence]), -9));
      });
    await damage('lobby', 60);
    await check(true);
    let head: RoomHead | undefined;
    const goOn = async () => {
      const log = LmdbLog.open(directory, { decode });
      const before = log.head('lobby');
      const again = new RoomScript(recoveredState(log, 'lobby'));
      await log.append(again.group(again.talk('Ada', 3)));
      head = log.head('lobby');
      expect(head).to.deep.equal({ ...before, place: again.state.position });
      await log.close();
      return { logId: head?.logId, logIdAfter: head?.logIdAfter };
    };
    const first = await goOn();
    expect(first.logIdAfter).to.equal(59);
    expect(await goOn(), 'after a start').to.deep.equal(first);
    await editStore(directory, ({ rooms }) => rooms.removeSync('lobby'));
    expect(await goOn(), 'from beside the head').to.deep.equal(first);
    await editStore(directory, ({ rooms }) => rooms.putSync('lobby', withFlippedBit(rooms.get('lobby'), 99)));
    await damage('annex', 7);
    await check(true);
    expect(await goOn(), 'through a cut of another room').to.deep.equal(first);
    await damage('annex', 5);
    await check(true);
    expect(await goOn(), 'through one more').to.deep.equal(first);
    await damage('lobby', 61);
    await check(true);
    const second = await goOn();
    expect(second).to.have.property('logIdAfter', 60);
    expect(second.logId).not.to.equal(first.logId);
  });

  it('keeps each file as it was before a cut', async () => {
    for (const kept of ['data.mdb.before-cut', 'data.mdb.before-cut-2']) {
      await editStore(directory, ({ events }) => events.removeSync(['lobby', kept.endsWith('2') ? 20 : 30]));
      const before = readFileSync(join(directory, 'data.mdb'));
      await check(true);
      expect(readFileSync(join(directory, kept)).equals(before)).to.equal(true);
    }
    expect(readdirSync(directory).filter((name) => name.startsWith('cut'))).to.deep.equal([]);
  });

  it('has its file at every moment of a cut: a start after a kill finds the one before or the one after, and never none', async () => {
    await editStore(directory, ({ events }) => events.removeSync(['lobby', 30]));
    const changes: string[] = [];
    const watcher = watch(directory, (_, name) => changes.push(name ?? ''));
    try {
      await check(true);
      // Removed after all others.
      await eventually('all changes are told', () => changes.includes('lock.mdb'));
    } finally {
      watcher.close();
    }
    expect(changes).to.include('data.mdb.before-cut');
    const names = changes.filter((name) => name === 'data.mdb');
    expect(names, 'it is replaced, and not taken away before').to.have.length(1);
  });

  it('whose pages are damaged is not opened, says so in one line, and is good again once it was cut', async () => {
    const path = join(directory, 'data.mdb');
    const page = damageLeaf(path);
    expect(() => LmdbLog.open(directory, { decode }))
      .to.throw(StoreDamaged, `page ${page} is no leaf`)
      .with.property('message')
      .that.includes('chit-server check')
      .and.not.includes('\n');
    const [first, ...more] = checkReport(await check());
    expect(first).to.equal(`The store's file is damaged: page ${page} is no leaf.`);
    expect(more.join(' ')).to.include('lobby: ');
    await check(true);
    const log = LmdbLog.open(directory, { decode });
    for (const { room } of log.heads()) {
      const newest = log.head(room)?.place.sequence ?? 0;
      expect(eventsAfter(log, room, 0)).to.have.length(newest);
      recoveredState(log, room);
    }
    await log.close();
    expect(isGood(await check())).to.equal(true);
  });

  it('gains checksums by a cut where it had none, and loses of a damaged room what the chain does not vouch for', async () => {
    const { pathname } = new URL('../lmdb/format-1/data.mdb', import.meta.url);
    directory = newDirectory();
    copyFileSync(pathname, join(directory, 'data.mdb'));
    const store = open(directory, { noSubdir: false, overlappingSync: false });
    const stored = store.openDB<Buffer, [string, number]>('entries', { encoding: 'binary' });
    stored.putSync(['lobby', 20], withFlippedBit(stored.get(['lobby', 20]), -80));
    await store.close();
    const report = await checkedStore(directory, { decode: decodeEvent, cut: true });
    expect(report.rooms.find(({ room }) => room === 'lobby')).to.include({ good: 19, newest: 63, damaged: 1 });
    const log = LmdbLog.open(directory, { decode: decodeEvent });
    expect(log.head('annex')).to.include({ logId: '3b3bb680-142a-428f-b4ec-52e6438b56c3' });
    expect(log.head('lobby')?.place.sequence).to.equal(19);
    await log.close();
  });

  /** Damages a leaf that is in use and holds something of the lobby, so that it says to be none; its number. */
  function damageLeaf(path: string): number {
    const file = readFileSync(path);
    for (let page = 2; (page + 1) * 4096 <= file.length; page += 1) {
      const bytes = file.subarray(page * 4096, (page + 1) * 4096);
      if (bytes.readUInt16LE(18) !== 0x02 || !bytes.includes('lobby')) continue;
      const bit = (page * 4096 + 18) * 8 + 1;
      flipBit(path, bit);
      const pages = LmdbPages.open(path);
      pages?.walk();
      pages?.close();
      if (pages && pages.faults.length > 0) return page;
      flipBit(path, bit);
    }
    throw new Error('there is no such page');
  }
});
