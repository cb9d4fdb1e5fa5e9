import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { open } from 'lmdb';
import type { KnownEvent } from '../../../../lib/core/event.js';
import { defaultLimits } from '../../../../lib/core/limits.js';
import { pairsPerPart } from '../../../../lib/core/ordinals.js';
import { emptyRoom, evolve, snapshotOf } from '../../../../lib/core/room-state.js';
import { atOnce } from '../../../../lib/core/slices.js';
import { StoreInUse } from '../../../../lib/server/log/event-log.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import type { Durability } from '../../../../lib/server/log/lmdb/lmdb-store.js';
import { itIsAnEventLog } from '../event-log-contract.js';
import { comparable, decode, eventsAfter, RoomScript, recoveredState } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { childPrograms } from './child-program.js';

const durabilities: Durability[] = ['power', 'process'];

describe('LmdbLog', () => {
  const newDirectory = temporaryDirectories();
  const startChild = childPrograms();

  for (const durability of durabilities) {
    describe(`with durability ${durability}`, () => {
      itIsAnEventLog(() => LmdbLog.open(newDirectory(), { decode, durability }));
    });
  }

  it('goes on where it was when it is opened again [P1] [P4] [P11]', async () => {
    const directory = newDirectory();
    const lobby = new RoomScript('lobby');
    const first = LmdbLog.open(directory, { decode });
    await first.append(lobby.group([lobby.join('Ada'), ...lobby.talk('Ada', 30)], { snapshot: true }));
    await first.append(lobby.group(lobby.talk('Ada', 3)));
    const heads = first.heads();
    const events = eventsAfter(first, 'lobby', 0);
    await first.close();

    const second = LmdbLog.open(directory, { decode });
    expect(second.heads()).to.deep.equal(heads);
    expect(eventsAfter(second, 'lobby', 0)).to.deep.equal(events);
    expect(second.chainAt('lobby', 34)).to.equal(lobby.state.position.chain);
    const again = new RoomScript(recoveredState(second, 'lobby'));
    expect(comparable(again.state)).to.deep.equal(comparable(lobby.state));
    await second.append(again.group(again.talk('Ada', 1)));
    expect(second.head('lobby')?.place.sequence).to.equal(35);
    expect(second.head('lobby')?.logId).to.equal(heads[0]?.logId);
    await second.close();
  });

  it('has nothing left of a room that was removed when it is opened again, and all of those named alike [P1] [P11]', async () => {
    const directory = newDirectory();
    const first = LmdbLog.open(directory, { decode });
    const rooms = ['a', 'a.', 'aa', 'b'].map((name) => new RoomScript(name));
    for (const room of rooms) {
      await first.append(room.group([room.join('Ada'), ...room.talk('Ada', 2_000)], { snapshot: true }));
    }
    const logId = first.head('a')?.logId;
    await first.remove('a');
    await first.close();

    const second = LmdbLog.open(directory, { decode });
    expect(second.heads().map(({ room }) => room)).to.deep.equal(['a.', 'aa', 'b']);
    for (const room of rooms.slice(1)) {
      expect(comparable(recoveredState(second, room.state.room))).to.deep.equal(comparable(room.state));
    }
    const anew = new RoomScript('a');
    await second.append(anew.group([anew.join('Bob')]));
    expect(second.head('a')?.logId).not.to.equal(logId);
    expect(atOnce(second.recover('a')).snapshot).to.equal(undefined);
    expect(eventsAfter(second, 'a', 0)).to.have.length(1);
    await second.close();
  });

  it('has another log id in another directory [P11]', async () => {
    const ids = new Set<string | undefined>();
    for (const directory of [newDirectory(), newDirectory()]) {
      const log = LmdbLog.open(directory, { decode });
      const lobby = new RoomScript('lobby');
      await log.append(lobby.group([lobby.join('Ada')]));
      ids.add(log.head('lobby')?.logId);
      await log.close();
    }
    expect(ids.size).to.equal(2);
  });

  it('does not rebuild from a snapshot that is of another history [P1]', async () => {
    const directory = newDirectory();
    const log = LmdbLog.open(directory, { decode });
    const lobby = new RoomScript('lobby');
    await log.append(lobby.group([lobby.join('Ada'), ...lobby.talk('Ada', 5)]));
    const { place, ...snapshot } = snapshotOf(lobby.state);
    await log.append({
      ...lobby.group(lobby.talk('Ada', 1)),
      snapshot: { ...snapshot, place: { ...place, chain: 'ffffffffffffffff' } },
    });
    expect(atOnce(log.recover('lobby')).snapshot).to.equal(undefined);
    expect(comparable(recoveredState(log, 'lobby'))).to.deep.equal(comparable(lobby.state));
    await log.close();
  });

  it('does not rebuild from a snapshot whose parts are not all there, and goes on from the events [P5]', async () => {
    const log = LmdbLog.open(newDirectory(), { decode });
    const lobby = new RoomScript('lobby');
    await log.append(lobby.group([lobby.join('Ada'), ...lobby.talk('Ada', 3 * pairsPerPart)], { snapshot: true }));
    expect(atOnce(log.recover('lobby')).snapshot).not.to.equal(undefined);
    await log.append({ ...lobby.group(lobby.talk('Ada', 1)), unneededParts: [2 * pairsPerPart + 1] });
    expect(atOnce(log.recover('lobby')).snapshot).to.equal(undefined);
    const state = recoveredState(log, 'lobby');
    expect(comparable(state)).to.deep.equal(comparable(lobby.state));
    const again = new RoomScript(state);
    await log.append(again.group(again.talk('Ada', 1), { snapshot: true }));
    expect(atOnce(log.recover('lobby')).snapshot).to.deep.equal(snapshotOf(again.state));
    expect(comparable(recoveredState(log, 'lobby'))).to.deep.equal(comparable(again.state));
    await log.close();
  });

  it('takes a directory whose name has a dot, and keeps all of it to its owner', async () => {
    const directory = join(newDirectory(), 'deep', 'chat.data');
    const log = LmdbLog.open(directory, { decode });
    expect(statSync(directory).mode & 0o777).to.equal(0o700);
    for (const file of ['data.mdb', 'lock.mdb', 'lock']) {
      expect(statSync(join(directory, file)).mode & 0o777, file).to.equal(0o600);
    }
    await log.close();
  });

  it('refuses a store of another format and lets it go', async () => {
    const directory = newDirectory();
    const store = open(directory, { noSubdir: false });
    await store.openDB<number, string>('about', { encoding: 'json' }).put('format', 99);
    await store.close();
    for (const _ of [1, 2]) expect(() => LmdbLog.open(directory, { decode })).to.throw('format 99');
  });

  it("passes the operating system's errors on", async () => {
    const file = join(newDirectory(), 'file');
    writeFileSync(file, '');
    expect(() => LmdbLog.open(join(file, 'store'), { decode }))
      .to.throw()
      .with.property('code', 'ENOTDIR');
    expect(() => LmdbLog.open(file, { decode }))
      .to.throw()
      .with.property('code', 'EEXIST');
  });

  it('passes EACCES on where the directory is not to be written', async () => {
    const directory = join(newDirectory(), 'store');
    mkdirSync(directory);
    chmodSync(join(directory, '..'), 0o755);
    chmodSync(directory, 0o555);
    // Root may write anywhere, so the child becomes nobody.
    const child = startChild('hold-store.ts', [directory, ...(process.getuid?.() === 0 ? ['65534'] : [])]);
    expect((await child.lines.next()).value).to.equal('EACCES');
    expect(await child.end()).to.equal(0);
  });

  describe('its lock', () => {
    it('refuses a second opening in the same process', async () => {
      const directory = newDirectory();
      const log = LmdbLog.open(directory, { decode });
      expect(() => LmdbLog.open(directory, { decode })).to.throw(StoreInUse, directory);
      await log.close();
      await LmdbLog.open(directory, { decode }).close();
    });

    it('refuses another process and says what to do, until the holder is killed', async () => {
      const directory = newDirectory();
      const holder = startChild('hold-store.ts', [directory]);
      expect((await holder.lines.next()).value).to.equal('open');
      expect(() => LmdbLog.open(directory, { decode })).to.throw(
        StoreInUse,
        `The store ${directory} is in use by process ${holder.id}. ` +
          'Stop that process, or give this one a directory of its own.',
      );
      holder.kill();
      expect(await holder.end()).to.equal('SIGKILL');
      await LmdbLog.open(directory, { decode }).close();
    });
  });

  /** What was acknowledged last in each room when the appending process was killed, after about `groups` groups. */
  async function appendUntilKilled(directory: string, durability: Durability, groups: number) {
    const child = startChild('append-for-ever.ts', [directory, durability]);
    const acknowledged = new Map<string, { sequence: number; chain: string }>();
    let seen = 0;
    for await (const line of child.lines) {
      const [room = '', sequence, chain = ''] = line.split(' ');
      acknowledged.set(room, { sequence: Number(sequence), chain });
      seen += 1;
      if (seen === groups) child.kill();
    }
    expect(await child.end()).to.equal('SIGKILL');
    return acknowledged;
  }

  for (const durability of durabilities) {
    it(`loses no acknowledged append to kill -9 with durability ${durability} [P4] [P7]`, async () => {
      const directory = newDirectory();
      for (let round = 1; round <= 3; round += 1) {
        const acknowledged = await appendUntilKilled(directory, durability, 40 * round);
        const stored = await storedEntries(directory);
        const log = LmdbLog.open(directory, { decode });
        const sequences = log.heads().map(({ place }) => place.sequence);
        expect(stored, 'no group is stored in part').to.equal(sequences.reduce((sum, sequence) => sum + sequence, 0));
        expect(acknowledged.size).to.equal(3);
        for (const [room, { sequence, chain }] of acknowledged) {
          expect(log.head(room)?.place.sequence).to.be.at.least(sequence);
          expect(log.chainAt(room, sequence)).to.equal(chain);
          const replayed = emptyRoom(room);
          for (const event of eventsAfter(log, room, 0, 1000)) {
            const opens = event.kind === 'joined' ? { session: `${room}:Ada`, resumable: false } : undefined;
            evolve(replayed, { event: event as KnownEvent, ...(opens && { sessionStart: opens }) }, defaultLimits);
          }
          expect(replayed.position).to.deep.equal(log.head(room)?.place);
          expect(comparable(recoveredState(log, room))).to.deep.equal(comparable(replayed));
        }
        await log.close();
      }
    });

    it(`reads on when the disk is full, and writes again when it has room, with durability ${durability}`, async () => {
      const directory = newDirectory();
      const child = startChild('append-to-full-disk.ts', [directory, durability], 2048);
      const { value } = await child.lines.next();
      expect(await child.end()).to.equal(0);
      const { full, whileFull, afterwards, reopened } = JSON.parse(value);
      const failure = {
        unwritable: true,
        message: 'the log could not be written; is the disk full?',
        cause: 'EFBIG: file too large, write',
      };
      expect(full).to.be.greaterThan(200);
      expect(whileFull).to.deep.equal({
        failures: [failure, failure, failure],
        both: [false, false],
        head: full,
        read: full,
        chain: 'none',
        sameState: true,
      });
      expect(afterwards).to.deep.equal({ again: true, read: true, sameState: true });
      expect(reopened).to.deep.equal({ read: true });
      expect(await storedEntries(directory), 'nothing of a refused group is stored').to.equal(full + 200 + 1);
    });
  }
});

/** How many entries the store has, heads or not. */
async function storedEntries(directory: string): Promise<number> {
  const store = open(directory, { noSubdir: false, overlappingSync: false });
  const count = store.openDB('events', { encoding: 'binary' }).getCount();
  await store.close();
  return count;
}
