import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkReport } from '../../../../lib/cli/check-command.js';
import { decodeEvent, encodeEvent } from '../../../../lib/codec/event-codec.js';
import { decodeChatResponse } from '../../../../lib/codec/responses.js';
import { atOnce } from '../../../../lib/core/slices.js';
import { checkedStore } from '../../../../lib/server/log/at-rest/cut-store.js';
import type { EventLog } from '../../../../lib/server/log/event-log.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { storeFormat } from '../../../../lib/server/log/lmdb/lmdb-store.js';
import { openStore } from '../../../../lib/server/log/write-ahead/open-store.js';
import { WriteAheadLog } from '../../../../lib/server/log/write-ahead/write-ahead-log.js';
import { RoomScript, recoveredState } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { leftByKill } from '../write-ahead/acknowledged-rooms.js';
import { editStore } from './stored-damage.js';

/**
 * data.mdb was written by the program as it was before it wrote ahead of LMDB: the room annex, which got another log id
 * after its event 6, and the lobby, with Ada and Bob in it, a snapshot after 71 and a part that this names.
 */
const stored = new URL('./format-2/data.mdb', import.meta.url).pathname;
const heads = [
  { room: 'annex', logId: '6f094fd8-310b-4465-91fd-909a857bb42a', chain: '4fee1d2142038261', after: 6, newest: 7 },
  {
    room: 'lobby',
    logId: 'b2a21a81-8da2-43ee-9ba5-ee0c724970ce',
    chain: '859fbf86a267fc51',
    after: undefined,
    newest: 73,
  },
];

describe('A store of format 2', () => {
  const newDirectory = temporaryDirectories();
  let directory: string;

  beforeEach(() => {
    directory = newDirectory();
    copyFileSync(stored, join(directory, 'data.mdb'));
  });

  function expectAll(log: EventLog): void {
    const found = log.heads().map(({ room, logId, logIdAfter: after, place: { chain, sequence: newest } }) => {
      return { room, logId, chain, after, newest };
    });
    expect(found).to.deep.equal(heads);
    for (const { room, newest } of heads) {
      const events = [...decodeChatResponse(log.read(room, 0, 100)?.bytes ?? Buffer.alloc(0)).events];
      expect(events).to.have.length(newest);
      expect(events[1]).to.include({ text: `said in ${room}` });
      expect(recoveredState(log, room).position).to.deep.equal(log.head(room)?.place);
    }
    const { snapshot, parts } = atOnce(log.recover('lobby'));
    expect([snapshot?.place.sequence, parts.length]).to.deep.equal([71, 1]);
  }

  async function formatNow(): Promise<unknown> {
    let format: unknown;
    await editStore(directory, ({ about }) => {
      format = about.get('format');
    });
    return format;
  }

  it('is checked as it is', async () => {
    const before = readFileSync(stored);
    const report = await checkedStore(directory, { decode: decodeEvent, cut: true });
    expect(report.format).to.equal(2);
    expect(checkReport(report).at(-1)).to.equal(`All of ${directory} is good: 2 rooms, 80 good events.`);
    expect(readFileSync(join(directory, 'data.mdb')).equals(before)).to.equal(true);
  });

  it('is brought to this one when it is opened, so that no program takes it that would not see its segments', async () => {
    const log = LmdbLog.open(directory, { decode: decodeEvent });
    expectAll(log);
    await log.close();
    expect(await formatNow())
      .to.equal(storeFormat)
      .and.to.equal(3);
    const again = LmdbLog.open(directory, { decode: decodeEvent });
    expectAll(again);
    await again.close();
  });

  it('goes on with segments, and keeps what they have through a kill [P4]', async () => {
    const log = WriteAheadLog.open(directory, await openStore(directory, { decode: decodeEvent }), {
      ...{
        decode: decodeEvent,
        flushes: true,
        takeOverBytes: 1024 * 1024,
        takeOverMs: 600_000,
        waitingBytesMax: 1024 * 1024,
      },
    });
    expectAll(log);
    const lobby = new RoomScript(recoveredState(log, 'lobby'));
    const entries = [lobby.say('Ada', 'said since'), lobby.leave('Bob')];
    await log.append(lobby.group(entries.map((entry) => ({ ...entry, bytes: encodeEvent(entry.event) }))));
    const left = leftByKill(directory);
    await log.close();
    const next = await openStore(left, { decode: decodeEvent });
    expect(next.head('lobby')?.place).to.deep.equal(lobby.state.position);
    expect(next.head('annex')).to.include({ logId: heads[0]?.logId, logIdAfter: 6 });
    expect(recoveredState(next, 'lobby').sessions.size).to.equal(1);
    await next.close();
  });
});
