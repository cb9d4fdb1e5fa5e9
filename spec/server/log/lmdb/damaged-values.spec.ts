import { expect } from 'chai';
import { atOnce } from '../../../../lib/core/slices.js';
import { LogDamaged } from '../../../../lib/server/log/event-log.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import type { Damage } from '../../../../lib/server/log/lmdb/sound-reader.js';
import { comparable, decode, eventsAfter, eventsOf, RoomScript, recoveredState } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { editStore, type StoredDatabases, withFlippedBit } from './stored-damage.js';

describe('What is damaged in a store', () => {
  const newDirectory = temporaryDirectories();
  let directory: string;
  let lobby: RoomScript;
  let annex: RoomScript;
  let entries: ReturnType<RoomScript['talk']>;
  let heads: ReturnType<LmdbLog['heads']>;
  let found: Damage[];

  /** A lobby of 45 events with snapshots after 21 and 42, and an annex. */
  beforeEach(async () => {
    directory = newDirectory();
    lobby = new RoomScript('lobby');
    annex = new RoomScript('annex');
    entries = [];
    const log = LmdbLog.open(directory, { decode });
    const append = async (script: RoomScript, some: ReturnType<RoomScript['talk']>, snapshot = false) => {
      await log.append(script.group(some, { snapshot }));
      if (script === lobby) entries.push(...some);
    };
    await append(lobby, [lobby.join('Ada', true), ...lobby.talk('Ada', 20)], true);
    await append(annex, [annex.join('Cyd'), ...annex.talk('Cyd', 5)], true);
    await append(lobby, [lobby.join('Bob'), ...lobby.talk('Ada', 20)], true);
    await append(lobby, lobby.talk('Ada', 3));
    heads = log.heads();
    await log.close();
  });

  async function opened(edit: (databases: StoredDatabases) => void): Promise<LmdbLog> {
    await editStore(directory, edit);
    found = [];
    return LmdbLog.open(directory, { decode, damaged: (damage) => found.push(damage) });
  }

  const damage =
    (room: string, sequence: number, bit = -9) =>
    ({ events }: StoredDatabases) => {
      events.putSync([room, sequence], withFlippedBit(events.get([room, sequence]), bit));
    };

  it('is never read: an event ends what is read before it, and is an error where it would be the first', async () => {
    const log = await opened(damage('lobby', 12));
    expect(log.read('lobby', 0, 100)).to.include({ first: 1, last: 11 });
    expect(() => log.read('lobby', 11, 100))
      .to.throw(LogDamaged)
      .with.include({ room: 'lobby', sequence: 12 });
    expect(eventsAfter(log, 'lobby', 12)).to.deep.equal(eventsOf(entries.slice(12)));
    expect(() => log.chainAt('lobby', 12)).to.throw(LogDamaged);
    expect(log.chainAt('lobby', 13)).to.equal(entries[12]?.event.chain);
    expect(found, 'it is told once').to.deep.equal([{ kind: 'event', room: 'lobby', sequence: 12 }]);
    await log.close();
  });

  it('costs a room that has a snapshot behind it nothing else, and other rooms nothing', async () => {
    const log = await opened(damage('lobby', 12));
    expect(comparable(recoveredState(log, 'lobby'))).to.deep.equal(comparable(lobby.state));
    expect(eventsAfter(log, 'annex', 0)).to.have.length(6);
    await log.append(lobby.group(lobby.talk('Ada', 1)));
    expect(log.head('lobby')?.logId).to.equal(heads[1]?.logId);
    await log.close();
  });

  for (const [what, edit] of [
    ['is missing', ({ events }: StoredDatabases) => events.removeSync(['lobby', 44])],
    ['is cut off', ({ events }: StoredDatabases) => events.putSync(['lobby', 44], Buffer.alloc(3))],
    [
      'is another one',
      ({ events }: StoredDatabases) => events.putSync(['lobby', 44], events.get(['lobby', 43]) as Buffer),
    ],
    ['has one bit flipped', damage('lobby', 44)],
  ] as const) {
    it(`keeps a room from being rebuilt where an event behind its snapshots ${what}`, async () => {
      const log = await opened(edit);
      expect(() => recoveredState(log, 'lobby'))
        .to.throw(LogDamaged)
        .with.property('sequence', 44);
      expect(recoveredState(log, 'annex').sessions.size).to.equal(1);
      await log.close();
    });
  }

  it('is noticed by the chain where an event follows that is sound but of another history', async () => {
    const other = new RoomScript('lobby');
    const others = [other.join('Ada', true), ...other.talk('Ada', 43, 'something else')];
    const elsewhere = newDirectory();
    const log = LmdbLog.open(elsewhere, { decode });
    await log.append(other.group(others));
    await log.close();
    let strange: Buffer | undefined;
    await editStore(elsewhere, ({ events }) => {
      strange = events.get(['lobby', 44]);
    });
    const reopened = await opened(({ events }) => events.putSync(['lobby', 44], strange as Buffer));
    expect(() => recoveredState(reopened, 'lobby'))
      .to.throw(LogDamaged)
      .with.property('sequence', 44);
    await reopened.close();
  });

  it('costs a longer replay where it is the newest snapshot, or both: that is told', async () => {
    const [one, other] = [0, 1].map((slot) => ({ states }: StoredDatabases) => {
      states.putSync(['lobby', slot], withFlippedBit(states.get(['lobby', slot]), 333));
    });
    const log = await opened((all) => other?.(all));
    expect(atOnce(log.recover('lobby')).snapshot?.place.sequence).to.equal(21);
    expect(found).to.deep.equal([{ kind: 'snapshot', room: 'lobby' }]);
    expect(comparable(recoveredState(log, 'lobby'))).to.deep.equal(comparable(lobby.state));
    await log.close();

    const again = await opened((all) => one?.(all));
    expect(atOnce(again.recover('lobby')).snapshot).to.equal(undefined);
    expect(comparable(recoveredState(again, 'lobby'))).to.deep.equal(comparable(lobby.state));
    expect(atOnce(again.recover('annex')).snapshot).not.to.equal(undefined);
    await again.close();
  });

  it('is overwritten by the next snapshot where it is one, and the sound one stays', async () => {
    const log = await opened(({ states }) =>
      states.putSync(['lobby', 1], withFlippedBit(states.get(['lobby', 1]), 333)),
    );
    const again = new RoomScript(recoveredState(log, 'lobby'));
    await log.append(again.group(again.talk('Ada', 1), { snapshot: true }));
    await log.close();
    const next = await opened(() => {});
    expect(atOnce(next.recover('lobby')).snapshot?.place.sequence).to.equal(46);
    expect(found).to.deep.equal([]);
    await next.close();
  });

  for (const [what, edit] of [
    [
      'has a flipped bit',
      ({ rooms }: StoredDatabases) => rooms.putSync('lobby', withFlippedBit(rooms.get('lobby'), 99)),
    ],
    ['is missing', ({ rooms }: StoredDatabases) => rooms.removeSync('lobby')],
  ] as const) {
    it(`is made anew from the entries where it is a head that ${what}, with the same log id`, async () => {
      const log = await opened(edit);
      expect(log.heads()).to.deep.equal(heads);
      expect(found).to.deep.equal([{ kind: 'head', room: 'lobby', sequence: 45, newLogId: false }]);
      expect(comparable(recoveredState(log, 'lobby'))).to.deep.equal(comparable(lobby.state));
      await log.close();
      await (await opened(() => {})).close();
      expect(found, 'it stays mended').to.deep.equal([]);
    });
  }

  it('gives a room another log id where its own is lost in both places, and that one stays [P11]', async () => {
    const log = await opened(({ rooms, ids }) => {
      rooms.removeSync('lobby');
      ids.putSync('lobby', withFlippedBit(ids.get('lobby'), 50));
    });
    expect(found).to.deep.equal([{ kind: 'head', room: 'lobby', sequence: 45, newLogId: true }]);
    const head = log.head('lobby');
    expect(head).to.deep.include({ place: heads[1]?.place, participants: 2, logIdAfter: 45 });
    expect(head?.logId).not.to.equal(heads[1]?.logId);
    await log.close();
    const again = await opened(() => {});
    expect(again.head('lobby')).to.deep.equal(head);
    await again.close();
  });

  it('ends a room at its last sound event, under another log id, where head and newest event are damaged [P1]', async () => {
    const log = await opened((all) => {
      all.rooms.removeSync('lobby');
      damage('lobby', 45)(all);
    });
    expect(found).to.deep.include({ kind: 'head', room: 'lobby', sequence: 44, newLogId: true });
    expect(log.head('lobby')?.logIdAfter).to.equal(44);
    const again = new RoomScript(recoveredState(log, 'lobby'));
    await log.append(again.group(again.talk('Ada', 1, 'goes on')));
    expect(eventsAfter(log, 'lobby', 44)).to.have.length(1);
    expect(log.head('lobby')?.logIdAfter).to.equal(44);
    await log.close();
  });

  it('is left out where a failed write has left it behind what was written after it', async () => {
    // As if a group of 46 to 48 had been refused but written, and one of 46 alone written over it.
    const refused = new RoomScript(lobby.state);
    const late = newDirectory();
    const before = LmdbLog.open(directory, { decode });
    const copy = new RoomScript(recoveredState(before, 'lobby'));
    await before.append(refused.group(refused.talk('Ada', 3, 'refused')));
    await before.close();
    const stale: [number, Buffer][] = [];
    await editStore(directory, ({ events }) => {
      for (const sequence of [47, 48]) stale.push([sequence, events.get(['lobby', sequence]) as Buffer]);
    });
    const log = LmdbLog.open(late, { decode });
    await log.append({ room: 'lobby', entries, participants: 2 });
    await log.append(copy.group(copy.talk('Ada', 1, 'written')));
    const head = log.head('lobby');
    await log.close();
    directory = late;
    const reopened = await opened(({ events, rooms }) => {
      for (const [sequence, value] of stale) events.putSync(['lobby', sequence], value);
      rooms.removeSync('lobby');
    });
    expect(reopened.head('lobby')).to.deep.equal(head);
    await reopened.close();
  });

  it('does not make a room of a key that is damaged', async () => {
    const log = await opened(({ rooms }) => rooms.putSync('lobbi', rooms.get('lobby') as Buffer));
    expect(log.heads()).to.deep.equal(heads);
    await log.close();
  });
});
