import { expect } from 'chai';
import { openClient } from '../../lib/client/grpc/open-client.js';
import { readHistory } from '../../lib/client/grpc/service-calls.js';
import { connect, type RoomEvent, type Status } from '../../lib/client/index.js';
import { decodeEvent, encodeEvent } from '../../lib/codec/event-codec.js';
import { LmdbLog } from '../../lib/server/log/lmdb/lmdb-log.js';
import { type ChatServer, createServer } from '../../lib/server/server.js';
import { editStore, withFlippedBit } from '../server/log/lmdb/stored-damage.js';
import { RoomScript } from '../server/log/room-script.js';
import { temporaryDirectories } from '../server/log/temporary-directory.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';

describe('A room whose log is damaged at one event', () => {
  const newDirectory = temporaryDirectories();
  const endings = endedAfterEach();
  const session = `lobby:${'x'.repeat(22)}`;
  let server: ChatServer;
  let address: string;
  let place: { logId: string; sequence: number; chain: string };
  let chains: string[];

  /** Ada's resumable session is there, with a place before the damaged event 30 of 60. */
  beforeEach(async () => {
    const directory = newDirectory();
    const log = LmdbLog.open(directory, { decode: decodeEvent });
    const lobby = new RoomScript('lobby');
    const entries = [lobby.join('Ada', true), ...lobby.talk('Ada', 59)].map((entry) => {
      const { sessionStart: opens, ...rest } = entry;
      return { ...rest, ...(opens && { opens: { ...opens, session } }), bytes: encodeEvent(entry.event) };
    });
    await log.append({ ...lobby.group(entries.slice(0, 59)) });
    const all = { ...lobby.group(entries.slice(59), { snapshot: true }) };
    const { snapshot } = all;
    const sessions = snapshot?.sessions.map((each) => ({ ...each, id: session })) ?? [];
    await log.append(snapshot ? { ...all, snapshot: { ...snapshot, sessions } } : all);
    chains = entries.map(({ event }) => event.chain);
    place = { logId: log.head('lobby')?.logId ?? '', sequence: 20, chain: chains[19] as string };
    await log.close();
    await editStore(directory, ({ events }) => {
      events.putSync(['lobby', 30], withFlippedBit(events.get(['lobby', 30]), -9));
    });
    server = await createServer({ data: directory, listen: '127.0.0.1:0', limits: { graceMs: 60_000 } });
    endings.add(() => server.close());
    address = `127.0.0.1:${server.port}`;
  });

  it('is gone on with by a client that cannot catch up: it is told that history is lost, and joins anew', async () => {
    const seen: RoomEvent[] = [];
    const statuses: Status['state'][] = [];
    const resume = { server: address, room: 'lobby', name: 'Ada', session, ordinal: 59, lamport: 0, ...place };
    const chat = await connect({ server: address, name: 'Ada', room: 'lobby', resume, reconnect: true });
    endings.add(() => chat.leave());
    chat.events$.subscribe((event) => seen.push(event));
    chat.status$.subscribe(({ state }) => statuses.push(state));
    await eventually('all before the damaged event', () => seen.some(({ sequence }) => sequence === 29));
    await eventually('the loss is told', () => statuses.includes('history-lost'));
    // Its name is free again when the session that it lost is over.
    expect(seen.map(({ sequence }) => sequence)).to.deep.equal([21, 22, 23, 24, 25, 26, 27, 28, 29]);
    const bob = await connect({ server: address, name: 'Bob', room: 'lobby' });
    endings.add(() => bob.leave());
    await bob.publish('the room goes on');
  });

  it('refuses pages for a reader whose chain is another one, and says where it cannot tell', async () => {
    const client = openClient(address);
    endings.add(() => client.close());
    const read = (after: number, chain?: string) =>
      readHistory(client, 'lobby', after, 5, chain === undefined ? {} : { chain }).then(
        ({ events }) => events.map(({ sequence }) => sequence),
        (error) => error.rejection?.reason ?? error.name,
      );
    expect(await read(10, chains[9])).to.deep.equal([11, 12, 13, 14, 15]);
    expect(await read(0, '0000000000000000')).to.deep.equal([1, 2, 3, 4, 5]);
    expect(await read(10, chains[8])).to.equal('HISTORY_LOST');
    expect(await read(10, '0000000000000000')).to.equal('HISTORY_LOST');
    expect(await read(1000, chains[9])).to.equal('HISTORY_LOST');
    expect(await read(26, chains[25])).to.deep.equal([27, 28, 29]);
    expect(await read(29, chains[28])).to.equal('HistoryDamaged');
    expect(await read(30, chains[29])).to.equal('HistoryDamaged');
    expect(await read(30), 'without a chain it is read from there').to.deep.equal([31, 32, 33, 34, 35]);
  });
});
