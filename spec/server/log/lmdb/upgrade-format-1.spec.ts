import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { open } from 'lmdb';
import { decodeEvent } from '../../../../lib/codec/event-codec.js';
import { decodeChatResponse } from '../../../../lib/codec/responses.js';
import { atOnce } from '../../../../lib/core/slices.js';
import { LogDamaged } from '../../../../lib/server/log/event-log.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { storeFormat } from '../../../../lib/server/log/lmdb/lmdb-store.js';
import type { Damage } from '../../../../lib/server/log/lmdb/sound-reader.js';
import { recoveredState } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { editStore, withFlippedBit } from './stored-damage.js';

/**
 * data.mdb was written by the program as it was before stores had checksums: the rooms annex and lobby, each with 63 events of
 * Ada, who is still there, and Bob, and a snapshot after 42.
 */
const stored = new URL('./format-1/data.mdb', import.meta.url).pathname;
const heads = [
  ['annex', '3b3bb680-142a-428f-b4ec-52e6438b56c3', 'f5778d4775e2e078'],
  ['lobby', '2a196417-1bff-4cca-b498-692bccaf9741', 'd9ba7603dad4cdc8'],
];

describe('A store of format 1', () => {
  const newDirectory = temporaryDirectories();
  let directory: string;
  let found: Damage[];

  beforeEach(() => {
    directory = newDirectory();
    copyFileSync(stored, join(directory, 'data.mdb'));
  });

  function opened(): LmdbLog {
    found = [];
    return LmdbLog.open(directory, { decode: decodeEvent, growthBytes: 1, damaged: (damage) => found.push(damage) });
  }

  async function edit(change: (entries: ReturnType<typeof old>) => void, name = 'entries'): Promise<void> {
    const store = open(directory, { noSubdir: false, overlappingSync: false });
    change(old(store, name));
    await store.close();
  }
  const old = (store: ReturnType<typeof open>, name: string) =>
    store.openDB<Buffer, [string, number] | string>(name, { encoding: 'binary' });

  function expectAll(log: LmdbLog): void {
    expect(log.heads().map(({ room, logId, place }) => [room, logId, place.chain])).to.deep.equal(heads);
    for (const room of ['annex', 'lobby']) {
      const run = log.read(room, 0, 100);
      const events = [...decodeChatResponse(run?.bytes ?? Buffer.alloc(0)).events];
      expect(events.map(({ sequence }) => sequence)).to.deep.equal(Array.from({ length: 63 }, (_, at) => at + 1));
      expect(events[2]).to.include({ participant: 'Ada', text: `said in ${room}` });
      expect(events[50]).to.include({ participant: 'Bob', text: 'grüße 🎉' });
      expect(atOnce(log.recover(room)).snapshot?.place.sequence).to.equal(42);
      const state = recoveredState(log, room);
      expect(state.position).to.deep.equal(log.head(room)?.place);
      expect([...state.sessions.values()]).to.have.length(1);
      expect([...state.sessions.values()][0]).to.include({ id: `${room}:Ada`, name: 'Ada', resumable: true });
    }
  }

  it('opens with all it has, and has checksums and the newest format from then on', async () => {
    const log = opened();
    expectAll(log);
    await log.close();
    await editStore(directory, ({ about, events }) => {
      expect(about.get('format')).to.equal(storeFormat);
      expect([...about.getKeys()]).to.deep.equal(['format']);
      events.putSync(['lobby', 5], withFlippedBit(events.get(['lobby', 5]), -9));
    });
    const again = opened();
    expect(() => again.read('lobby', 4, 1)).to.throw(LogDamaged);
    expect(found).to.deep.equal([{ kind: 'event', room: 'lobby', sequence: 5 }]);
    await again.close();
    expect(statSync(join(directory, 'data.mdb')).size).to.be.lessThan(1024 * 1024);
  });

  it('is gone on with where a start was killed in the middle of it', async () => {
    // As it stands then: some entries are moved already, and the format is the new one.
    const log = opened();
    await log.close();
    const first: [number, Buffer][] = [];
    await editStore(directory, ({ events }) => {
      for (const sequence of [1, 2, 3]) first.push([sequence, events.get(['annex', sequence]) as Buffer]);
    });
    copyFileSync(stored, join(directory, 'data.mdb'));
    await editStore(directory, ({ about, events }) => {
      for (const [sequence, value] of first) events.putSync(['annex', sequence], value);
      about.putSync('format', 2);
      about.putSync('upgrading', true);
    });
    await edit((entries) => {
      for (const sequence of [1, 2, 3]) entries.removeSync(['annex', sequence]);
    });
    const again = opened();
    expectAll(again);
    expect(found).to.deep.equal([]);
    await again.close();
  });

  for (const [what, bit] of [
    ['text', -80],
    ['chain', 3],
  ] as const) {
    it(`has an event whose ${what} was damaged before: the chain says so, and it is the only one lost`, async () => {
      await edit((entries) => entries.putSync(['lobby', 20], withFlippedBit(entries.get(['lobby', 20]), bit)));
      const log = opened();
      expect(log.read('lobby', 0, 100)).to.include({ last: 19 });
      expect(() => log.read('lobby', 19, 1)).to.throw(LogDamaged);
      expect(log.read('lobby', 20, 100)).to.include({ first: 21, last: 63 });
      expect(log.read('annex', 0, 100)).to.include({ last: 63 });
      expect(found).to.deep.equal([{ kind: 'event', room: 'lobby', sequence: 20 }]);
      await log.close();
    });
  }

  it('has heads and snapshots that were damaged before: they are made anew, or done without', async () => {
    await edit((all) => all.putSync('lobby', Buffer.from('{')), 'heads');
    await edit((all) => all.putSync('annex', Buffer.from('{')), 'snapshots');
    const log = opened();
    expect(found).to.deep.equal([{ kind: 'head', room: 'lobby', sequence: 63, newLogId: true }]);
    expect(atOnce(log.recover('annex')).snapshot).to.equal(undefined);
    expect(recoveredState(log, 'annex').sessions.size).to.equal(1);
    expect(log.head('lobby')?.participants).to.equal(1);
    await log.close();
  });
});
