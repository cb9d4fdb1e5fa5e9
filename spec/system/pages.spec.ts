import { expect } from 'chai';
import { connect } from '../../lib/client/index.js';
import { encodeReadHistoryRequest } from '../../lib/codec/requests.js';
import { onTheWire } from '../codec/wire.js';
import { endedAfterEach } from './endings.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

describe('what is read without joining', () => {
  const endings = endedAfterEach();
  const names = ['den', 'lobby', 'q', 'salon', 'tea'];

  /** A server with those rooms, and what one page of it has is at most so many bytes. */
  async function server(pageBytesMax: number) {
    const started = await ServerProcess.withLimits(endings, { pageBytesMax, publishesPerSecondMax: 0 });
    const caller = new RawCaller(endings, started.address);
    for (const room of names) await caller.chat().join('Ada', room);
    return { ...started, caller, address: started.address };
  }

  interface Rooms {
    readonly rooms?: readonly { readonly name: string; readonly participants: number; readonly sequence: string }[];
    readonly more?: boolean;
  }

  it('are the rooms, all of them for a caller that asks as before there were pages [S1]', async () => {
    const { caller } = await server(256 * 1024);
    const reply = onTheWire('ListRoomsResponse', await caller.call('ListRooms', Buffer.alloc(0))) as Rooms;
    expect(reply.rooms?.map(({ name }) => name)).to.deep.equal(names);
    expect(reply.rooms?.map(({ participants, sequence }) => [participants, sequence])).to.deep.equal(
      names.map(() => [1, '1']),
    );
    expect(reply.more).to.equal(undefined);
  });

  it('are the rooms page by page, of at most so many bytes or so many rooms [P12]', async () => {
    const pageBytesMax = 38;
    const { caller } = await server(pageBytesMax);
    const first = await caller.call('ListRooms', Buffer.alloc(0));
    const { rooms = [], more } = onTheWire('ListRoomsResponse', first) as Rooms;
    // Whether there is more has two bytes of its own.
    expect(first.length).to.be.at.most(pageBytesMax + 2);
    expect([rooms.map(({ name }) => name), more]).to.deep.equal([['den', 'lobby'], true]);
    const pages: string[][] = [];
    for (let page = await caller.roomsPage(1); ; page = await caller.roomsPage(0, pages.flat().at(-1))) {
      pages.push(page.rooms.map(({ name }) => name));
      if (!page.more) break;
    }
    expect(pages).to.deep.equal([['den'], ['lobby', 'q'], ['salon', 'tea']]);
    expect(await caller.roomsPage(0, 'm')).to.deep.include({ more: true });
    expect(await caller.roomsPage(2, 'q')).to.deep.include({ more: false });
    expect(await caller.roomsPage(0, 'tea')).to.deep.equal({ rooms: [], more: false });
  });

  it('is history in pages of at most so many bytes, of which the newest sequence tells that they are not the end [P12]', async () => {
    const pageBytesMax = 1_000;
    const { caller } = await server(pageBytesMax);
    const chat = caller.chat();
    await chat.join('Bob');
    for (let number = 1; number <= 40; number += 1) chat.publish(`${'🎉'.repeat(number)} ${number}`);
    await chat.heard(`${'🎉'.repeat(40)} 40`);
    const sequences: number[] = [];
    for (let newest = 1; sequences.length < newest; ) {
      const request = encodeReadHistoryRequest({ room: 'lobby', after: sequences.length, limit: 0 });
      const bytes = await caller.call('ReadHistory', request);
      const page = await caller.historyPage('lobby', sequences.length);
      const rest = 2 + page.logId.length + 2;
      expect(bytes.length - rest).to.be.within(pageBytesMax / 2 - (page.events.length < 2 ? 500 : 0), pageBytesMax);
      newest = page.newest;
      sequences.push(...page.events.map(({ sequence }) => sequence));
    }
    expect(sequences).to.deep.equal(Array.from({ length: 42 }, (_, index) => index + 1));
  });

  it('is all there for the client library, whatever the pages [S1] [S8]', async () => {
    const { address, caller } = await server(300);
    const chat = caller.chat();
    await chat.join('Bob');
    for (let number = 1; number <= 40; number += 1) chat.publish(`message ${number}`);
    await chat.heard('message 40');
    const visit = await connect({ server: address, name: 'Cyd' });
    endings.add(() => visit.close());
    expect((await visit.rooms()).map(({ name }) => name)).to.deep.equal(names);
    expect((await visit.history(30)).map(({ sequence }) => sequence)).to.deep.equal(
      Array.from({ length: 30 }, (_, index) => index + 13),
    );
  });
});
