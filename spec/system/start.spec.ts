import { expect } from 'chai';
import { decodeEvent } from '../../lib/codec/event-codec.js';
import { atOnce } from '../../lib/core/slices.js';
import { openStore } from '../../lib/server/log/write-ahead/open-store.js';
import { Child } from './child.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

describe('the start of a server whose earlier life was killed', function () {
  this.timeout(60_000);
  const endings = endedAfterEach();

  /** A store whose rooms each have a resumable session and a plain one that nobody ended. */
  async function killedServer(count: number) {
    const server = await ServerProcess.start(endings);
    const rooms = Array.from({ length: count }, (_, number) => `room-${String(number).padStart(2, '0')}`);
    const visits = [];
    for (const room of rooms) {
      const caller = new RawCaller(endings, server.address);
      const waiting = caller.subscribe({ room, name: 'Waiting', resumable: true });
      const plain = caller.subscribe({ room, name: 'Plain' });
      const welcome = await waiting.joined();
      await plain.joined();
      const place = await waiting.event('Plain', ({ participant }) => participant === 'Plain');
      visits.push({ room, session: welcome.session, logId: welcome.logId, place });
    }
    await server.kill();
    return { data: server.data, rooms, visits };
  }

  it('listens before it opens a room, then ends the sessions that nobody can resume, each once, and waits for the others [P8]', async () => {
    const { data, rooms, visits } = await killedServer(30);
    const next = await ServerProcess.start(endings, { data, args: ['--grace', '60s'] });
    const caller = new RawCaller(endings, next.address);
    // The last in turn, asked for at once.
    const last = visits.at(-1);
    if (!last) throw new Error('nobody was there');
    const { sequence, chain } = last.place;
    const resume = { session: last.session, logId: last.logId, sequence, chain };
    const again = caller.subscribe({ room: last.room, resume });
    expect(await again.joined()).to.include({ resumed: true });
    await again.event('Plain left', ({ kind, participant }) => kind === 'left' && participant === 'Plain');

    const repaired = () => next.records().find(({ event }) => event === 'start-repaired');
    await eventually('the start to be done with', () => repaired() !== undefined);
    expect(repaired()).to.include({ rooms: rooms.length, unreadable: 0 });
    const events = next.records().map(({ event }) => event);
    expect(events.indexOf('server-started')).to.be.within(0, events.indexOf('broadcast-leave') - 1);
    for (const room of rooms) {
      const left = (await caller.history(room)).filter(({ kind }) => kind === 'left');
      expect(left.map((event) => [event.participant, event.kind === 'left' && event.reason])).to.deep.equal([
        ['Plain', 'SERVER_RESTARTED'],
      ]);
      expect(await caller.participants(room)).to.deep.equal(['Waiting']);
    }
  });

  it('has nothing to replay after a stop by SIGTERM, and no session has ended by it [P5] [P8]', async () => {
    const server = await ServerProcess.start(endings);
    const caller = new RawCaller(endings, server.address);
    const chat = caller.chat();
    await chat.join('Ada', 'lobby');
    for (let ordinal = 1; ordinal <= 100; ordinal += 1) chat.publish(`number ${ordinal}`, { ordinal });
    await chat.heard('number 100');
    expect(await server.stop()).to.equal(0);
    expect(server.records().find(({ event }) => event === 'snapshots-written')).to.include({ written: 1, left: 0 });
    const log = await openStore(server.data, { decode: decodeEvent });
    try {
      const { head, snapshot, entries } = atOnce(log.recover('lobby'));
      expect(head.place.sequence).to.equal(101);
      expect(snapshot?.place).to.deep.equal(head.place);
      expect(snapshot?.sessions).to.have.length(1);
      expect([...entries]).to.deep.equal([]);
    } finally {
      await log.close();
    }
  });

  for (const [what, options, said] of [
    ['its port is taken', {}, 'EADDRINUSE'],
    ['it has no such address', { listen: '192.0.2.1:0' }, 'EADDRNOTAVAIL'],
    ['a limit makes no sense', { listen: '127.0.0.1:0', limits: { roomsMax: -1 } }, 'RangeError'],
  ] as const) {
    it(`leaves nothing alive and has ended no session where ${what} [P8]`, async () => {
      const { data } = await killedServer(3);
      const before = await contents(data);
      const other = await ServerProcess.start(endings, { data: temporaryDirectory(endings) });
      const program = projectFile('spec/system/server-that-cannot-start.ts');
      const args = JSON.stringify({ listen: other.address, data, ...options });
      const child = new Child(endings, process.execPath, ['--import', 'tsx', program, args]);
      expect(await child.ended, 'its process ends by itself').to.equal(0);
      expect(child.lines).to.deep.equal([said]);
      expect(await contents(data), 'nobody has left, and the store is free').to.deep.equal(before);
    });
  }
});

/** All heads of a store, and what its rooms recover to. */
async function contents(data: string): Promise<unknown> {
  const log = await openStore(data, { decode: decodeEvent });
  try {
    return log.heads().map((head) => ({ head, entries: [...atOnce(log.recover(head.room)).entries] }));
  } finally {
    await log.close();
  }
}
