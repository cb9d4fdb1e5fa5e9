import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeEvent, encodeEvent } from '../../../../lib/codec/event-codec.js';
import type { Fields, Journal } from '../../../../lib/platform/journal.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { openStore } from '../../../../lib/server/log/write-ahead/open-store.js';
import { createServer } from '../../../../lib/server/server.js';
import { RoomScript } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { editStore } from './stored-damage.js';

const decode = decodeEvent;

describe('The log ids of a store [P11]', () => {
  const newDirectory = temporaryDirectories();
  let directory: string;
  let ids: string[];

  const idsOf = (log: LmdbLog) => log.heads().map(({ logId }) => logId);

  beforeEach(async () => {
    directory = newDirectory();
    const log = LmdbLog.open(directory, { decode });
    for (const room of ['annex', 'lobby']) {
      const script = new RoomScript(room);
      const entries = [script.join('Ada'), ...script.talk('Ada', 5)];
      await log.append(script.group(entries.map((entry) => ({ ...entry, bytes: encodeEvent(entry.event) }))));
    }
    ids = idsOf(log);
    await log.close();
  });

  /** What the ids are when the store is opened, and of how many rooms they were made anew. */
  async function opened(at: string, restored = false): Promise<{ ids: string[]; after: number[]; renewed: number[] }> {
    const renewed: number[] = [];
    const log = await openStore(at, { decode, restored, renewed: (rooms) => renewed.push(rooms) });
    const found = { ids: idsOf(log), after: log.heads().map(({ logIdAfter = 0 }) => logIdAfter) };
    expect(log.heads().map(({ room }) => newestOf(log, room))).to.deep.equal([6, 6]);
    await log.close();
    return { ...found, renewed };
  }
  const newestOf = (log: LmdbLog, room: string) => log.read(room, 0, 100)?.last;

  it('are other ones once a copy that was put back is said to be restored, all of them, once', async () => {
    const copy = join(newDirectory(), 'copy');
    cpSync(directory, copy, { recursive: true });
    const restored = await opened(copy, true);
    expect(restored.renewed).to.deep.equal([2]);
    expect(new Set([...restored.ids, ...ids]).size).to.equal(4);
    expect(restored.after, 'they begin after the newest event').to.deep.equal([6, 6]);
    expect(await opened(copy), 'a second start without it keeps them').to.deep.equal({
      ids: restored.ids,
      after: [6, 6],
      renewed: [],
    });
    expect((await opened(directory)).ids, 'where it was copied from they stay').to.deep.equal(ids);
  });

  it('are other ones, once, where the store says itself that it is a copy', async () => {
    await editStore(directory, ({ about }) => about.putSync('copy', true));
    const first = await opened(directory);
    expect(first.renewed).to.deep.equal([2]);
    expect(new Set([...first.ids, ...ids]).size).to.equal(4);
    expect(await opened(directory)).to.deep.equal({ ids: first.ids, after: [6, 6], renewed: [] });
  });

  it('stay where the store was moved whole, or copied without saying so: a mark that is missing never counts', async () => {
    const elsewhere = join(newDirectory(), 'moved');
    renameSync(directory, elsewhere);
    expect(await opened(elsewhere)).to.deep.equal({ ids, after: [0, 0], renewed: [] });
    await editStore(elsewhere, ({ about }) => about.putSync('copy', 'rubbish'));
    expect(await opened(elsewhere)).to.deep.equal({ ids, after: [0, 0], renewed: [] });
  });

  it('are told to be other ones in a record of the server', async () => {
    const records: { event: string; fields: Fields | undefined }[] = [];
    const record = (event: string, fields?: Fields) => records.push({ event, fields });
    const journal: Journal = { debug: record, info: record, warn: record, error: record };
    for (const restored of [true, false]) {
      const server = await createServer({ data: directory, listen: '127.0.0.1:0', restored, journal });
      await server.close();
    }
    expect(records.filter(({ event }) => event === 'log-ids-renewed')).to.deep.equal([
      { event: 'log-ids-renewed', fields: { rooms: 2 } },
    ]);
  });
});
