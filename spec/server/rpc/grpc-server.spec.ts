import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { encodeChatRequest, encodeListRoomsRequest } from '../../../lib/codec/requests.js';
import { encodeFarewell, encodeRejectionResponse } from '../../../lib/codec/responses.js';
import { defaultLimits, type Limits } from '../../../lib/core/limits.js';
import { rejection } from '../../../lib/core/rejection.js';
import { grantedBacklog } from '../../../lib/server/door/listener.js';
import { GrpcServer } from '../../../lib/server/rpc/grpc-server.js';
import { endedAfterEach } from '../../system/endings.js';
import { eventually } from '../../system/eventually.js';
import { RawCaller, type RawChat } from '../../system/raw-caller.js';
import { expectStatus, refusal } from '../../system/refusal.js';
import { preface, request, reset, settings } from './http2-frames.js';
import { RawSocket } from './raw-socket.js';
import { RecordingJournal } from './recording-journal.js';
import { StubActors, type StubConnection } from './stub-actors.js';

const chat = '/chit.v1.ChatService/Chat';
const response = encodeFarewell({ reason: 'SERVER_STOPPING', resume: false });

describe('the gRPC server', () => {
  const endings = endedAfterEach();
  let actors: StubActors;
  let journal: RecordingJournal;
  let server: GrpcServer;
  let port: number;

  beforeEach(() => start({}));

  async function start(limits: Partial<Limits>): Promise<void> {
    const started = new StubActors();
    actors = started;
    journal = new RecordingJournal();
    server = new GrpcServer({ actors, journal, limits: { ...defaultLimits, ...limits } });
    const own = server;
    ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
    endings.add(async () => {
      own.refuse();
      await own.close(0);
    });
  }

  const caller = () => new RawCaller(endings, `127.0.0.1:${port}`);
  const socket = () => new RawSocket(endings, port);
  const connection = (index = 0) => eventually('a stream', () => actors.connections[index]);
  const told = (stub: StubConnection, kind: StubConnection['told'][number]['kind']) =>
    eventually(`"${kind}"`, () => stub.heard(kind));
  const answersRooms = () => {
    actors.asked = (asked) => {
      if (asked.kind === 'list-rooms') asked.replyTo.tell({ rooms: [] });
    };
  };
  /** That nobody who calls now notices anything of what happened. */
  const expectWell = async () => {
    answersRooms();
    expect(await caller().rooms()).to.deep.equal([]);
  };

  describe('with a Chat stream', () => {
    it('hands each request to the stream’s own actor in order, then that it is half-closed, then that it is gone [T1]', async () => {
      const visit = caller().chat();
      visit.askToJoin({ name: 'Ada' });
      visit.publish('one');
      visit.sendBytes(encodeChatRequest({ lamport: 1, action: { kind: 'unknown' } }));
      visit.leave();
      visit.halfClose();
      const stub = await connection();
      await told(stub, 'half-closed');
      stub.peer.end({ kind: 'complete' });
      await told(stub, 'gone');
      expect(stub.told.map(({ kind }) => kind)).to.deep.equal([
        'join',
        'publish',
        'unknown',
        'leave',
        'half-closed',
        'gone',
      ]);
      expect((await visit.ended()).code).to.equal(status.OK);
    });

    it('says that the stream is gone when its caller cancels, and when its connection is lost [S6]', async () => {
      const cancelled = caller().chat();
      const first = await connection(0);
      cancelled.cancel();
      await told(first, 'gone');
      const lost = caller();
      lost.chat();
      const second = await connection(1);
      second.peer.destroy();
      await told(second, 'gone');
    });

    it('ends with the status that the actor wants, after all that was sent before [P9]', async () => {
      const visit = caller().chat();
      const { peer } = await connection();
      peer.send(response);
      peer.end({ kind: 'refused', rejection: rejection('NAME_TAKEN') });
      peer.send(response);
      expectStatus(await visit.ended(), status.ALREADY_EXISTS, 'NAME_TAKEN');
      expect(visit.farewell).to.deep.equal({ reason: 'SERVER_STOPPING', resume: false });
    });

    it('brings its responses in the order in which they were sent, the last before its status [P2]', async () => {
      const visit = caller().chat();
      const { peer } = await connection();
      const refused = (ordinal: number) => encodeRejectionResponse(rejection('TEXT_EMPTY', ordinal));
      for (let ordinal = 1; ordinal <= 500; ordinal += 1) {
        peer.send(refused(ordinal));
        // Now and then some have gone before the next come.
        if (ordinal % 100 === 0) await new Promise(setImmediate);
      }
      peer.send(response);
      peer.end({ kind: 'stopping' });
      expect((await visit.ended()).code).to.equal(status.UNAVAILABLE);
      expect(visit.rejections.map(({ ordinal }) => ordinal)).to.deep.equal(
        Array.from({ length: 500 }, (_, n) => n + 1),
      );
      expect(visit.farewell?.reason).to.equal('SERVER_STOPPING');
    });

    it('keeps the status by which grpc-js ends a stream, whatever is sent after that [P9]', async () => {
      const visit = caller().chat();
      const stub = await connection();
      stub.peer.send(response);
      stub.peer.send(response);
      visit.sendBytes(Buffer.alloc(20_000));
      while (!stub.heard('gone')) {
        stub.peer.send(response);
        await new Promise(setImmediate);
      }
      stub.peer.send(response);
      expect((await visit.ended()).code).to.equal(status.RESOURCE_EXHAUSTED);
      expect(stub.peer.writable).to.equal(false);
      await expectWell();
    });

    it('takes what is sent after its caller has cancelled, or is gone, for nothing', async () => {
      const calls = caller();
      for (const leave of [(visit: RawChat) => visit.cancel(), () => calls.close()]) {
        const before = actors.connections.length;
        const visit = calls.chat();
        const stub = await connection(before);
        stub.peer.send(response);
        stub.peer.send(response);
        leave(visit);
        while (!stub.heard('gone')) {
          stub.peer.send(response);
          await new Promise(setImmediate);
        }
        stub.peer.send(response);
        await expectWell();
      }
    });

    it('takes no more requests while the actor has it paused [P12]', async () => {
      const visit = caller().chat();
      const stub = await connection();
      stub.peer.pause();
      for (let count = 0; count < 100; count += 1) visit.publish('x');
      // Another stream of the same caller goes on; when its turn has come, the paused one's would have come too.
      answersRooms();
      await caller().rooms();
      expect(stub.told.length).to.be.lessThan(2);
      stub.peer.resume();
      await eventually('the rest', () => stub.told.length === 100);
    });

    it('is not writable while its peer does not read, and says when it is again [P10]', async () => {
      const visit = caller().chat();
      visit.stopReading();
      const { peer } = await connection();
      expect(peer.writable).to.equal(true);
      let sent = 0;
      for (; peer.writable; sent += 1) peer.send(Buffer.concat(Array(1000).fill(response)));
      expect(sent).to.be.lessThan(64);
      const drained = new Promise((resolve) => {
        peer.drained$.subscribe(() => resolve(peer.writable));
      });
      visit.readOn();
      expect(await drained).to.equal(true);
    });

    it('can be cut when its peer never reads, where an end alone does not come to anything [P10]', async () => {
      const raw = socket();
      raw.write(Buffer.concat([preface, settings, request(1, chat)]));
      const stub = await connection();
      raw.stopReading();
      while (stub.peer.writable) stub.peer.send(Buffer.alloc(64 * 1024));
      stub.peer.end({ kind: 'stopping' });
      await expectWell();
      expect(stub.heard('gone')).to.equal(false);
      stub.peer.destroy();
      await told(stub, 'gone');
    });

    it('ends with INTERNAL, alone, when its actor throws at its start', async () => {
      const calls = caller();
      const well = calls.chat();
      await connection(0);
      actors.connected = () => {
        throw new Error('a fault');
      };
      expect((await calls.chat().ended()).code).to.equal(status.INTERNAL);
      expect(journal.named('call-failed')).to.have.length(1);
      expect(well.end).to.equal(undefined);
    });
  });

  describe('with a unary call', () => {
    it('answers INTERNAL when an actor throws, and logs it [T3]', async () => {
      actors.asked = () => {
        throw new Error('a fault');
      };
      const { code, details } = await refusal(caller().rooms());
      expect(status[code]).to.equal('INTERNAL');
      expect(details).not.to.contain('fault');
      expect(journal.named('call-failed')).to.have.length(1);
    });

    it('lets no fault of an answer’s out into the actor that gives it', async () => {
      actors.asked = (asked) => {
        if (asked.kind === 'list-rooms') asked.replyTo.tell({ rooms: [undefined as never] });
      };
      expect(status[(await refusal(caller().rooms())).code]).to.equal('INTERNAL');
    });

    it('answers INVALID_ARGUMENT to bytes that are no request, without asking any actor', async () => {
      const call = caller().call('Publish', Buffer.from([0x0a, 0x7f]));
      expect(status[(await refusal(call)).code]).to.equal('INVALID_ARGUMENT');
      expect(actors.requests).to.deep.equal([]);
    });
  });

  describe('with too much', () => {
    it('refuses a message over its limit with RESOURCE_EXHAUSTED; other calls of the connection go on [P12]', async () => {
      const calls = caller();
      const neighbour = calls.chat();
      const stub = await connection();
      const call = calls.call('ListRooms', Buffer.alloc(20_000));
      expect(status[(await refusal(call)).code]).to.equal('RESOURCE_EXHAUSTED');
      neighbour.askToJoin({ name: 'Ada' });
      await told(stub, 'join');
    });

    it('refuses headers over their limit with RESOURCE_EXHAUSTED; other calls of the connection go on [P12]', async () => {
      answersRooms();
      const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
      endings.add(() => client.close());
      const rooms = (metadata: Metadata) =>
        new Promise<ServiceError | null>((resolve) => {
          const asIs = (bytes: Buffer) => bytes;
          const path = '/chit.v1.ChatService/ListRooms';
          client.makeUnaryRequest(
            path,
            asIs,
            asIs,
            encodeListRoomsRequest({ limit: 0, after: '' }),
            metadata,
            (error) => resolve(error),
          );
        });
      const large = new Metadata();
      for (let count = 0; count < 9; count += 1) large.set(`header-${count}`, 'x'.repeat(1000));
      expect((await rooms(large))?.code).to.equal(status.RESOURCE_EXHAUSTED);
      expect(await rooms(new Metadata())).to.equal(null);
    });

    it('lets a connection have no more streams than the limit; one more waits for one to end [P12]', async () => {
      await start({ streamsPerConnectionMax: 2 });
      answersRooms();
      const calls = caller();
      calls.chat();
      const second = calls.chat();
      await connection(1);
      let answered = false;
      const rooms = calls.rooms().then(() => {
        answered = true;
      });
      await expectWell();
      expect(answered).to.equal(false);
      second.cancel();
      await rooms;
    });

    it('refuses connections over the limit of one address, until one closes, and logs a flood of them once [P12]', async () => {
      await start({ connectionsPerAddressMax: 2 });
      const kept = caller();
      kept.chat();
      await connection(0);
      const second = caller();
      second.chat();
      await connection(1);
      await Promise.all([socket().closed, socket().closed, socket().closed]);
      expect(journal.named('connections-refused')).to.have.length(1);
      expect(journal.named('connections-refused')[0]).to.include({ limit: 'connectionsPerAddressMax', limitValue: 2 });
      second.close();
      actors.connections[1]?.peer.destroy();
      await eventually('a place', () => journal.named('connection-closed').length === 1);
      await expectWell();
    });

    it('refuses connections over the limit of all together [P12]', async () => {
      await start({ connectionsMax: 1 });
      caller().chat();
      await connection(0);
      await socket().closed;
      expect(journal.named('connections-refused')[0]).to.include({ limit: 'connectionsMax' });
    });
  });

  it('says at its start where the system lets fewer connections wait than it asked for', async () => {
    await start({ listenBacklogMax: 2 ** 30 });
    const [record] = journal.named('listen-backlog-short');
    if (grantedBacklog(2 ** 30) === 2 ** 30) expect(record).to.equal(undefined);
    else expect(record).to.deep.include({ wanted: 2 ** 30, granted: grantedBacklog(2 ** 30) });
    await expectWell();
  });

  describe('with what is no gRPC', () => {
    it('tells a caller who speaks HTTP/1 what is here, and closes', async () => {
      const raw = socket();
      raw.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await raw.closed;
      expect(raw.received.toString()).to.match(/^HTTP\/1\.1 505 .*gRPC/s);
      await expectWell();
    });

    it('closes on anything else', async () => {
      const raw = socket();
      raw.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]));
      await raw.closed;
      expect(raw.received).to.have.length(0);
      await expectWell();
    });

    it('closes on half a preface and then silence, in time; others are served meanwhile [P12]', async () => {
      await start({ handshakeMsMax: 100 });
      const [silent, half, slow] = [socket(), socket(), socket()];
      half.write(preface.subarray(0, 12));
      slow.write('GET');
      await expectWell();
      await Promise.all([silent.closed, half.closed, slow.closed]);
      expect(journal.named('handshake-overdue')).to.have.length(3);
    });

    it('takes a preface that comes byte by byte', async () => {
      const raw = socket();
      for (const byte of Buffer.concat([preface, settings, request(1, chat)])) raw.write(Buffer.from([byte]));
      await connection();
    });

    it('outlives calls that are reset in the packet they come in, of whatever method and content type', async () => {
      const raw = socket();
      raw.write(
        Buffer.concat([
          preface,
          settings,
          ...[request(1, '/no.such/Method'), reset(1)],
          ...[request(3, chat, { contentType: 'text/html' }), reset(3)],
          ...[request(5, chat), reset(5)],
          request(7, chat),
        ]),
      );
      await connection(0);
      expect(journal.named('call-started')).to.have.length(1);
      expect(journal.named('stream-failed')).to.deep.equal([]);
      await expectWell();
    });

    it('answers UNIMPLEMENTED to a method that it does not have', async () => {
      expect(status[(await refusal(caller().call('Shout', Buffer.alloc(0)))).code]).to.equal('UNIMPLEMENTED');
    });
  });

  describe('in its journal', () => {
    it('has each unary call with method, peer, status and duration [T3] [T4]', async () => {
      await expectWell();
      await refusal(caller().call('Publish', Buffer.from([0xff])));
      await refusal(caller().call('ListRooms', Buffer.alloc(20_000)));
      const calls = await eventually('three calls', () => {
        const found = journal.named('call');
        return found.length === 3 && found;
      });
      expect(calls.map(({ method, code }) => [method, code])).to.deep.equal([
        ['chit.v1.ChatService/ListRooms', 'OK'],
        ['chit.v1.ChatService/Publish', 'INVALID_ARGUMENT'],
        ['chit.v1.ChatService/ListRooms', 'RESOURCE_EXHAUSTED'],
      ]);
      for (const { peer, durationMs, level } of calls) {
        expect(peer).to.match(/^127\.0\.0\.1:\d+$/);
        expect(durationMs).to.be.a('number');
        expect(level).to.equal('info');
      }
    });

    it('has a stream’s start and its one end, with the same number [T3] [T4]', async () => {
      const visit = caller().chat();
      await connection();
      const [started] = journal.named('call-started');
      expect(started).to.include({ method: 'chit.v1.ChatService/Chat' });
      visit.cancel();
      await eventually('the end', () => journal.named('call').length > 0);
      expect(journal.named('call')).to.have.length(1);
      expect(journal.named('call')[0]).to.include({ call: started?.call, peer: started?.peer, code: 'CANCELLED' });
    });

    it('has each connection’s opening and closing [T3]', async () => {
      const raw = socket();
      await eventually('the opening', () => journal.named('connection-opened').length === 1);
      raw.write('x');
      await raw.closed;
      await eventually('the closing', () => journal.named('connection-closed').length === 1);
      expect(journal.named('connection-closed')[0]?.peer).to.equal(journal.named('connection-opened')[0]?.peer);
    });
  });

  describe('at its end', () => {
    it('refuses new connections and new calls of the chat, while calls under way go on', async () => {
      const calls = caller();
      const visit = calls.chat();
      const stub = await connection();
      server.refuse();
      expect(status[(await refusal(calls.rooms())).code]).to.equal('UNAVAILABLE');
      await socket().closed;
      stub.peer.send(response);
      stub.peer.end({ kind: 'stopping' });
      expect(status[(await visit.ended()).code]).to.equal('UNAVAILABLE');
      expect(visit.farewell?.reason).to.equal('SERVER_STOPPING');
    });

    it('lets each stream of a connection have its status before it closes the connection', async () => {
      const calls = caller();
      const visits = [calls.chat(), calls.chat(), calls.chat()];
      const stubs = [await connection(0), await connection(1), await connection(2)];
      for (const { peer } of stubs) peer.send(response);
      server.refuse();
      for (const { peer } of stubs) peer.end({ kind: 'stopping' });
      await server.close(10_000);
      for (const visit of visits) {
        expect((await visit.ended()).details).to.equal('The server is stopping. Connect again later.');
        expect(visit.farewell?.reason).to.equal('SERVER_STOPPING');
      }
    });

    it('cuts, when its time is over, connections whose peers do not read', async () => {
      const raw = socket();
      raw.write(Buffer.concat([preface, settings, request(1, chat)]));
      const stub = await connection();
      raw.stopReading();
      while (stub.peer.writable) stub.peer.send(Buffer.alloc(64 * 1024));
      server.refuse();
      stub.peer.end({ kind: 'stopping' });
      await server.close(50);
      await told(stub, 'gone');
    });

    it('does not wait its time out when nothing is under way', async () => {
      await expectWell();
      server.refuse();
      const began = performance.now();
      await server.close(10_000);
      expect(performance.now() - began).to.be.lessThan(5000);
    });
  });

  it('rejects a port that is taken with the system’s error', async () => {
    const second = new GrpcServer({ actors, journal, limits: defaultLimits });
    const error = await second.listen({ host: '127.0.0.1', port }).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'EADDRINUSE' });
    await second.close(0);
  });
});
