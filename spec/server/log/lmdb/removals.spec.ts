import { expect } from 'chai';
import { checkReport } from '../../../../lib/cli/check-command.js';
import { isGood } from '../../../../lib/server/log/at-rest/check-store.js';
import { checkedStore } from '../../../../lib/server/log/at-rest/cut-store.js';
import { storedRooms } from '../../../../lib/server/log/at-rest/stored-rooms.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { removedKeysMax } from '../../../../lib/server/log/lmdb/removals.js';
import type { Damage } from '../../../../lib/server/log/lmdb/sound-reader.js';
import { comparable, decode, eventsAfter, RoomScript, recoveredState } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { childPrograms } from './child-program.js';
import { editStore, withFlippedBit } from './stored-damage.js';

/** Two whole slices, and a rest. */
const events = 2 * removedKeysMax + 500;

describe('A large room that is removed from a store', () => {
  const newDirectory = temporaryDirectories();
  const startChild = childPrograms();
  let directory: string;
  let annex: RoomScript;
  let logId: string | undefined;

  beforeEach(async () => {
    directory = newDirectory();
    const log = LmdbLog.open(directory, { decode, durability: 'process' });
    const big = new RoomScript('big');
    annex = new RoomScript('annex');
    await log.append(annex.group([annex.join('Cyd'), ...annex.talk('Cyd', 9)], { snapshot: true }));
    await log.append(big.group([big.join('Ada'), ...big.talk('Ada', events - 1)], { snapshot: true }));
    logId = log.head('big')?.logId;
    await log.close();
  });

  const check = (cut = false) => checkedStore(directory, { decode, cut });

  /** Has the room removed by a process that is killed after so many transactions. */
  async function removeUntil(writes: number): Promise<void> {
    expect(await startChild('remove-until-killed.ts', [directory, 'big', String(writes)]).end()).to.equal('SIGKILL');
  }

  /** What the store has, of whatever room, and its mark. */
  async function kept() {
    const found = { events: new Map<string, number>(), mark: undefined as unknown };
    await editStore(directory, ({ about, events: entries }) => {
      for (const [room] of entries.getKeys()) found.events.set(room, (found.events.get(room) ?? 0) + 1);
      found.mark = about.get('removing');
    });
    return found;
  }

  const onlyAnnex = { events: new Map([['annex', 10]]), mark: undefined };

  it('goes in slices, and wholly', async () => {
    const child = startChild('remove-until-killed.ts', [directory, 'big', '4']);
    expect(await child.lines.next()).to.include({ value: 'done' });
    expect(await child.end()).to.equal(0);
    expect(await kept()).to.deep.equal(onlyAnnex);
  });

  for (const slices of [1, 2]) {
    it(`is gone for all who look when its removal is killed after ${slices} of 3 slices, and who opens the store goes on [P1] [P4]`, async () => {
      await removeUntil(slices);
      const left = events - slices * removedKeysMax;
      expect(await kept()).to.deep.equal({
        events: new Map([
          ['annex', 10],
          ['big', left],
        ]),
        mark: ['big'],
      });
      const report = await check();
      expect(isGood(report)).to.equal(true);
      expect(checkReport(report)).to.deep.equal([
        'annex: all 10 events good.',
        'big is removed; the next start goes on with what is left of it.',
        `All of ${directory} is good: 1 room, 10 good events.`,
      ]);

      const damages: Damage[] = [];
      const log = LmdbLog.open(directory, { decode, damaged: (damage) => damages.push(damage) });
      expect(log.heads().map(({ room }) => room)).to.deep.equal(['annex']);
      expect(log.read('big', 0, 10)).to.equal(undefined);
      await log.finishRemovals();
      expect(comparable(recoveredState(log, 'annex'))).to.deep.equal(comparable(annex.state));
      await log.close();
      expect(damages).to.deep.equal([]);
      expect(await kept()).to.deep.equal(onlyAnnex);
      expect((await check()).removing).to.deep.equal([]);
    });
  }

  it('is gone on with by whoever lists the rooms, too', async () => {
    await removeUntil(1);
    expect((await storedRooms(directory, [], { decode })).map(({ room }) => room)).to.deep.equal(['annex']);
    expect(await kept()).to.deep.equal(onlyAnnex);
  });

  it('is gone on with by the one after who is killed as well', async () => {
    await removeUntil(1);
    await startChild('remove-until-killed.ts', [directory, 'nowhere', '2']).end();
    expect((await check()).rooms.map(({ room }) => room)).to.deep.equal(['annex']);
    await storedRooms(directory, [], { decode });
    expect(await kept()).to.deep.equal(onlyAnnex);
  });

  it('is another one when it is begun again before all of it is gone [P11]', async () => {
    await removeUntil(1);
    const log = LmdbLog.open(directory, { decode });
    const anew = new RoomScript('big');
    await log.append(anew.group([anew.join('Bob')]));
    await log.append(anew.group(anew.talk('Bob', 2)));
    expect(log.head('big')?.logId).not.to.equal(logId);
    await log.finishRemovals();
    expect(eventsAfter(log, 'big', 0)).to.have.length(3);
    await log.close();
    expect((await kept()).events.get('big')).to.equal(3);
    expect(await check()).to.deep.include({ removing: [] });
    const again = LmdbLog.open(directory, { decode });
    expect(comparable(recoveredState(again, 'big'))).to.deep.equal(comparable(anew.state));
    await again.close();
  });

  it('stays as a program that does not know of its removal made it anew meanwhile, under a new log id [P1] [P11]', async () => {
    await removeUntil(1);
    await editStore(directory, ({ about }) => about.removeSync('removing'));
    const older = LmdbLog.open(directory, { decode });
    const left = events - removedKeysMax;
    expect(older.head('big')?.place.sequence).to.equal(left);
    const goneOn = new RoomScript(recoveredState(older, 'big'));
    await older.append(goneOn.group(goneOn.talk('Ada', 1)));
    await older.close();
    await editStore(directory, ({ about }) => about.putSync('removing', ['big']));

    const report = await check();
    expect(report.removing).to.deep.equal([]);
    expect(report.rooms.map(({ room, good }) => [room, good])).to.deep.equal([
      ['annex', 10],
      ['big', left + 1],
    ]);
    const log = LmdbLog.open(directory, { decode });
    expect(log.head('big')?.place).to.deep.equal(goneOn.state.position);
    expect(log.head('big')?.logId).not.to.equal(logId);
    await log.finishRemovals();
    await log.close();
    expect(await kept()).to.deep.equal({
      events: new Map([
        ['annex', 10],
        ['big', left + 1],
      ]),
      mark: undefined,
    });
  });

  it('does not come back where the store is cut for another room’s damage [P11]', async () => {
    await removeUntil(1);
    await editStore(directory, ({ events: entries }) => {
      entries.putSync(['annex', 8], withFlippedBit(entries.get(['annex', 8]), -1));
    });
    const report = await check(true);
    expect(report).to.have.property('cut').with.length(1);
    expect(report.removing).to.deep.equal(['big']);
    const log = LmdbLog.open(directory, { decode });
    expect(log.heads().map(({ room, place }) => [room, place.sequence])).to.deep.equal([['annex', 7]]);
    await log.finishRemovals();
    await log.close();
    expect(await kept()).to.deep.equal({ events: new Map([['annex', 7]]), mark: undefined });
  });
});
