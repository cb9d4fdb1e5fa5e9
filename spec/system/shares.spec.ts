import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import type { ResumePlace } from '../../lib/codec/messages.js';
import { noMoreRooms } from '../../lib/core/rejection.js';
import { RawSocket } from '../server/rpc/raw-socket.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller, type RawChat } from './raw-caller.js';
import { expectStatus } from './refusal.js';
import { ServerProcess } from './server-process.js';
import { TcpProxy } from './tcp-proxy.js';

describe('the share of one address of what a server has for all', function () {
  this.timeout(60_000);
  const endings = endedAfterEach();

  /** A caller with a connection from this address. */
  async function callerFrom(address: string, server: ServerProcess): Promise<RawCaller> {
    const network = await TcpProxy.start(endings, server.address, { from: address });
    return new RawCaller(endings, network.address);
  }

  /** What became of a join: the stream, or what it was refused with. */
  async function joining(caller: RawCaller, name: string, room: string, resumable = false): Promise<RawChat> {
    const chat = caller.chat();
    chat.askToJoin({ name, room, resumable });
    await eventually('an answer', () => chat.welcome || chat.end);
    return chat;
  }

  it('of rooms leaves others the last tenth, whoever begins how many [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { roomsMax: 30, roomsBegunBurstMax: 1_000 });
    const greedy = await callerFrom('127.0.0.2', server);
    const other = await callerFrom('127.0.0.3', server);
    let begun = 0;
    for (let number = 1; number <= 40; number += 1) {
      const chat = await joining(greedy, 'Greedy', `room-${number}`);
      if (chat.welcome) {
        begun += 1;
        // A room in which somebody spoke stays.
        chat.publish('mine');
        await chat.heard('mine');
        chat.leave();
        await chat.ended();
      } else expectStatus(await chat.ended(), status.RESOURCE_EXHAUSTED, 'OVERLOADED', 0, noMoreRooms.address);
    }
    expect(begun).to.equal(27);
    for (const room of ['his-1', 'his-2', 'his-3'])
      expect((await joining(other, 'Other', room)).welcome?.room).to.equal(room);
    expect((await other.rooms()).length).to.equal(30);
  });

  it('of rooms begun at once is a burst, and then what its rate gives [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { roomsBegunPerMinuteMax: 1, roomsBegunBurstMax: 5 });
    const greedy = await callerFrom('127.0.0.2', server);
    for (let number = 1; number <= 10; number += 1) {
      const chat = await joining(greedy, 'Greedy', `room-${number}`);
      expect(chat.welcome !== undefined, `room ${number}`).to.equal(number <= 5);
      if (chat.welcome) continue;
      const end = await chat.ended();
      expectStatus(end, status.RESOURCE_EXHAUSTED, 'OVERLOADED');
      expect(end.rejection?.retryAfterMs).to.be.within(1, 60_000);
    }
    // Rooms that are there can be joined as ever, and other addresses begin theirs.
    expect((await joining(greedy, 'Once more', 'room-1')).welcome?.room).to.equal('room-1');
    expect((await joining(await callerFrom('127.0.0.3', server), 'Other', 'his')).welcome?.room).to.equal('his');
  });

  it('of seats leaves others the last tenth of each room, and comes back with those who leave [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { participantsPerRoomMax: 20, seatsPerAddressMax: 100 });
    const chats: RawChat[] = [];
    // One connection has 16 streams.
    for (const connection of [1, 2, 3]) {
      const caller = await callerFrom('127.0.0.2', server);
      for (let number = 1; number <= 8; number += 1) {
        chats.push(await joining(caller, `Greedy ${connection}.${number}`, 'tea'));
      }
    }
    const seated = chats.filter(({ welcome }) => welcome);
    expect(seated).to.have.length(18);
    for (const { end } of chats.slice(18)) if (end) expectStatus(end, status.RESOURCE_EXHAUSTED, 'ROOM_FULL');
    const other = await callerFrom('127.0.0.3', server);
    for (const name of ['Other 1', 'Other 2'])
      expect((await joining(other, name, 'tea')).welcome?.room).to.equal('tea');
    expectStatus(await (await joining(other, 'Other 3', 'tea')).ended(), status.RESOURCE_EXHAUSTED, 'ROOM_FULL');
    for (const chat of seated.slice(0, 2)) {
      chat.leave();
      await chat.ended();
    }
    expect((await joining(other, 'Other 3', 'tea')).welcome?.room).to.equal('tea');
  });
  it('of sessions counts those that are waited for, and goes on after a restart for those who come back [P12]', async () => {
    const limits = { sessionsPerAddressMax: 5, graceMs: 30_000 };
    const places: ResumePlace[] = [];
    const server = await ServerProcess.withLimits(endings, limits, 'durable');
    const greedy = await callerFrom('127.0.0.2', server);
    for (let number = 1; number <= 5; number += 1) {
      const chat = await joining(greedy, `Greedy ${number}`, `room-${number}`, true);
      const { session, logId, sequence, chain } = await chat.joined();
      places.push({ session, logId, sequence, chain });
      chat.cancel();
    }
    expectStatus(await (await joining(greedy, 'Greedy 6', 'room-6')).ended(), status.RESOURCE_EXHAUSTED, 'OVERLOADED');
    const other = await callerFrom('127.0.0.3', server);
    expect((await joining(other, 'Other', 'room-6')).welcome).not.to.equal(undefined);
    // The next life does not know who they were, until they come back.
    await server.kill();
    const next = await ServerProcess.withLimits(endings, limits, 'durable', { data: server.data });
    const again = await callerFrom('127.0.0.2', next);
    for (const place of places) {
      const chat = again.chat();
      chat.askToJoin({ name: '', room: '', resumable: true, resume: place });
      expect((await chat.joined()).resumed).to.equal(true);
    }
    const late = await callerFrom('127.0.0.2', next);
    expectStatus(await (await joining(late, 'Greedy 7', 'room-7')).ended(), status.RESOURCE_EXHAUSTED, 'OVERLOADED');
  });

  it('of messages is not more for joining anew, by stream after stream or connection after connection [P12]', async () => {
    // Fewer than a stream may be refused in a second, after which it rests; and earned again in 15 s.
    const burst = 15;
    const server = await ServerProcess.withLimits(endings, { publishesPerSecondMax: 1, publishBurstMax: burst });
    const listener = (await callerFrom('127.0.0.3', server)).chat();
    await listener.join('Listener');
    const beganMs = performance.now();
    let caller = await callerFrom('127.0.0.2', server);
    for (let visit = 1; visit <= 12; visit += 1) {
      if (visit % 4 === 0) caller = await callerFrom('127.0.0.2', server);
      const chat = await joining(caller, `Talker ${visit}`, '');
      for (let number = 1; number <= burst; number += 1) chat.publish(`${visit}.${number}`);
      const answered = () =>
        chat.rejections.length +
        chat.events.filter(({ kind, participant }) => kind === 'message' && participant === `Talker ${visit}`).length;
      await eventually('all is answered', () => answered() >= burst);
      chat.leave();
      await chat.ended();
    }
    const seconds = (performance.now() - beganMs) / 1000;
    listener.publish('the end');
    await listener.heard('the end');
    const accepted = listener.events.filter(
      ({ kind, participant }) => kind === 'message' && participant.startsWith('Talker'),
    );
    expect(accepted.length).to.be.within(burst, burst + Math.ceil(seconds));
  });

  it('of refused requests: who goes on is not read from, others are, and what is sent later is still answered [P9] [P12]', async () => {
    const limits = { refusalsPerSecondMax: 20, refusalBurstMax: 200, publishesPerSecondMax: 1, publishBurstMax: 1 };
    const server = await ServerProcess.withLimits(endings, limits);
    const rude = await callerFrom('127.0.0.2', server);
    const neighbour = (await callerFrom('127.0.0.2', server)).chat();
    await neighbour.join('Neighbour');
    const chat = await joining(rude, 'Rude', '');
    const many = 2_000;
    for (let number = 1; number <= many; number += 1) chat.publish(`number ${number}`);
    // One connection has a tenth: 20 at once, then 2 a second. Meanwhile the neighbour speaks and is heard.
    neighbour.publish('undisturbed');
    await neighbour.heard('undisturbed');
    await eventually('some more after the burst', () => chat.rejections.length > 22, 20_000);
    expect(chat.rejections.length).to.be.below(200);
    expect(chat.end).to.equal(undefined);
  });

  it('of calls that are refused lets the next ones wait, those of other connections not [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { refusalsPerSecondMax: 10, refusalBurstMax: 100 });
    const rude = await callerFrom('127.0.0.2', server);
    const neighbour = await callerFrom('127.0.0.2', server);
    let refused = 0;
    let over = false;
    const flood = async () => {
      while (!over) {
        await rude.publish('lobby:00000000000000000000000000000000', 'nobody', 1).catch(() => {
          refused += 1;
        });
      }
    };
    const floods = Array.from({ length: 8 }, flood);
    // A tenth: 10 at once and then one a second, together with those under way when they were over.
    await eventually('the burst is refused', () => refused >= 10);
    for (let number = 1; number <= 200; number += 1) await neighbour.rooms();
    await eventually('it goes on, slowly', () => refused >= 20, 20_000);
    expect(refused).to.be.below(100);
    over = true;
    rude.close();
    await Promise.all(floods);
  });

  it('of joins lets those wait who come too fast, instead of refusing them [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, {
      joinsPerSecondMax: 100,
      joinBurstMax: 20,
      connectionsPerRate: 10,
    });
    const fast = await callerFrom('127.0.0.2', server);
    const chats = Array.from({ length: 12 }, () => fast.chat());
    for (const [number, chat] of chats.entries()) {
      chat.askToJoin({ name: `Fast ${number}` });
      chat.publish(`first of ${number}`);
    }
    // All are let in, and what came behind the join is in its place.
    for (const [number, chat] of chats.entries()) {
      await chat.joined();
      await chat.heard(`first of ${number}`);
      expect(chat.rejections).to.deep.equal([]);
    }
  });

  it('of connections leaves others a tenth, and those that nobody uses go when there are no more [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, {
      connectionsMax: 40,
      connectionsPerAddressMax: 100,
      idleConnectionMsMin: 600,
    });
    const port = Number(server.address.split(':')[1]);
    const used = await callerFrom('127.0.0.2', server);
    const chat = await joining(used, 'Used', '');
    for (let number = 0; number < 60; number += 1) new RawSocket(endings, port);
    const opened = () => server.records().filter(({ event }) => event === 'connection-opened').length;
    await eventually('as many as fit', () => opened() === 36);
    const other = await callerFrom('127.0.0.3', server);
    expect((await joining(other, 'Other', '')).welcome?.room).to.equal('lobby');
    // At the greedy address somebody honest finds a place too, for the idle ones give way.
    const honest = await eventually('a place', async () => {
      const late = await joining(await callerFrom('127.0.0.1', server), 'Honest', '');
      return late.welcome && late;
    });
    expect(honest.welcome?.room).to.equal('lobby');
    chat.publish('I am still here');
    await honest.heard('I am still here');
    expect(server.records().filter(({ event }) => event === 'connection-idle')).not.to.have.length(0);
  });

  it('of new connections in a second lets those who come too fast wait unread, and closes those who would wait for too long [P12]', async () => {
    const limits = { connectionsPerSecondMax: 1, connectionBurstMax: 3, heldMsMax: 1_500 };
    const server = await ServerProcess.withLimits(endings, limits);
    const port = Number(server.address.split(':')[1]);
    const sockets = Array.from({ length: 8 }, () => new RawSocket(endings, port));
    for (const socket of sockets) socket.write('GET / HTTP/1.1\r\n\r\n');
    await Promise.all(sockets.map((socket) => socket.closed));
    const answered = sockets.filter(({ received }) => received.length > 0);
    expect(answered).to.have.length(4);
    const records = server.records();
    const refused = records.filter(({ event }) => event === 'connections-refused');
    expect(refused[0]).to.include({ address: '127.0.0.1', limit: 'connectionsPerSecondMax', limitValue: 1 });
    expect(records.filter(({ event }) => event === 'not-http2')).to.have.length(4);
    const other = await callerFrom('127.0.0.3', server);
    expect((await joining(other, 'Other', '')).welcome?.room).to.equal('lobby');
  });

  it('of connections: one that nobody uses is closed, sooner where it was never used; one with a call or a stream is not [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { unusedConnectionMsMax: 300, idleConnectionMsMax: 1_500 });
    const [between, joined, never] = await Promise.all(
      ['127.0.0.2', '127.0.0.3', '127.0.0.4'].map((one) => callerFrom(one, server)),
    );
    if (!between || !joined || !never) throw new Error('no callers');
    const chat = await joining(joined, 'Joined', '');
    await between.rooms();
    // A stream that never joins is no use of a connection.
    const silent = never.chat();
    silent.sendBytes(Buffer.alloc(0));
    const closed = (address: string) =>
      server.records().findIndex(({ event, peer }) => event === 'connection-idle' && String(peer).startsWith(address));
    await eventually('the unused one is closed', () => closed('127.0.0.4:') >= 0);
    expect(closed('127.0.0.2:')).to.equal(-1);
    await eventually('the idle one is closed', () => closed('127.0.0.2:') >= 0);
    expect(closed('127.0.0.3:')).to.equal(-1);
    // A client comes again with its next call, unless that was on its way just then.
    expect(await eventually('an answer', () => between.rooms().catch(() => undefined))).to.have.length(1);
    chat.publish('still here');
    await chat.heard('still here');
  });
});
