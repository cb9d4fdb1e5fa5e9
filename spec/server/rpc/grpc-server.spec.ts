import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { encodeFarewell } from '../../../lib/codec/responses.js';
import { defaultLimits } from '../../../lib/core/limits.js';
import { grantedBacklog } from '../../../lib/server/door/listener.js';
import { GrpcServer } from '../../../lib/server/rpc/grpc-server.js';
import { eventually } from '../../system/eventually.js';
import { refusal } from '../../system/refusal.js';
import { preface, request, settings } from './http2-frames.js';
import { StubbedServer } from './stubbed-server.js';

const chat = '/chit.v1.ChatService/Chat';
const response = encodeFarewell({ reason: 'SERVER_STOPPING', resume: false });

describe('the gRPC server', () => {
  const server = new StubbedServer();

  describe('with a unary call', () => {
    it('answers INTERNAL when an actor throws, and logs it [T3]', async () => {
      server.actors.asked = () => {
        throw new Error('a fault');
      };
      const { code, details } = await refusal(server.caller().rooms());
      expect(status[code]).to.equal('INTERNAL');
      expect(details).not.to.contain('fault');
      expect(server.journal.named('call-failed')).to.have.length(1);
    });

    it('lets no fault of an answer’s out into the actor that gives it', async () => {
      server.actors.asked = (asked) => {
        if (asked.kind === 'list-rooms') asked.replyTo.tell({ rooms: [undefined as never] });
      };
      expect(status[(await refusal(server.caller().rooms())).code]).to.equal('INTERNAL');
    });

    it('answers INVALID_ARGUMENT to bytes that are no request, without asking any actor', async () => {
      const call = server.caller().call('Publish', Buffer.from([0x0a, 0x7f]));
      expect(status[(await refusal(call)).code]).to.equal('INVALID_ARGUMENT');
      expect(server.actors.requests).to.deep.equal([]);
    });
  });

  it('says at its start where the system lets fewer connections wait than it asked for', async () => {
    await server.start({ listenBacklogMax: 2 ** 30 });
    const [record] = server.journal.named('listen-backlog-short');
    if (grantedBacklog(2 ** 30) === 2 ** 30) expect(record).to.equal(undefined);
    else expect(record).to.deep.include({ wanted: 2 ** 30, granted: grantedBacklog(2 ** 30) });
    await server.expectWell();
  });

  describe('in its journal', () => {
    it('has each unary call with method, peer, status and duration [T3] [T4]', async () => {
      await server.expectWell();
      await refusal(server.caller().call('Publish', Buffer.from([0xff])));
      await refusal(server.caller().call('ListRooms', Buffer.alloc(20_000)));
      const calls = await eventually('three calls', () => {
        const found = server.journal.named('call');
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
      const visit = server.caller().chat();
      await server.connection();
      const [started] = server.journal.named('call-started');
      expect(started).to.include({ method: 'chit.v1.ChatService/Chat' });
      visit.cancel();
      await eventually('the end', () => server.journal.named('call').length > 0);
      expect(server.journal.named('call')).to.have.length(1);
      expect(server.journal.named('call')[0]).to.include({
        call: started?.call,
        peer: started?.peer,
        code: 'CANCELLED',
      });
    });

    it('has each connection’s opening and closing [T3]', async () => {
      const raw = server.socket();
      await eventually('the opening', () => server.journal.named('connection-opened').length === 1);
      raw.write('x');
      await raw.closed;
      await eventually('the closing', () => server.journal.named('connection-closed').length === 1);
      expect(server.journal.named('connection-closed')[0]?.peer).to.equal(
        server.journal.named('connection-opened')[0]?.peer,
      );
    });
  });

  describe('at its end', () => {
    it('refuses new connections and new calls of the chat, while calls under way go on', async () => {
      const calls = server.caller();
      const visit = calls.chat();
      const stub = await server.connection();
      server.grpc.refuse();
      expect(status[(await refusal(calls.rooms())).code]).to.equal('UNAVAILABLE');
      await server.socket().closed;
      stub.peer.send(response);
      stub.peer.end({ kind: 'stopping' });
      expect(status[(await visit.ended()).code]).to.equal('UNAVAILABLE');
      expect(visit.farewell?.reason).to.equal('SERVER_STOPPING');
    });

    it('lets each stream of a connection have its status before it closes the connection', async () => {
      const calls = server.caller();
      const visits = [calls.chat(), calls.chat(), calls.chat()];
      const stubs = [await server.connection(0), await server.connection(1), await server.connection(2)];
      for (const { peer } of stubs) peer.send(response);
      server.grpc.refuse();
      for (const { peer } of stubs) peer.end({ kind: 'stopping' });
      await server.grpc.close(10_000);
      for (const visit of visits) {
        expect((await visit.ended()).details).to.equal('The server is stopping. Connect again later.');
        expect(visit.farewell?.reason).to.equal('SERVER_STOPPING');
      }
    });

    it('cuts, when its time is over, connections whose peers do not read', async () => {
      const raw = server.socket();
      raw.write(Buffer.concat([preface, settings, request(1, chat)]));
      const stub = await server.connection();
      raw.stopReading();
      while (stub.peer.writable) stub.peer.send(Buffer.alloc(64 * 1024));
      server.grpc.refuse();
      stub.peer.end({ kind: 'stopping' });
      await server.grpc.close(50);
      await server.told(stub, 'gone');
    });

    it('does not wait its time out when nothing is under way', async () => {
      await server.expectWell();
      server.grpc.refuse();
      const began = performance.now();
      await server.grpc.close(10_000);
      expect(performance.now() - began).to.be.lessThan(5000);
    });
  });

  it('rejects a port that is taken with the system’s error', async () => {
    const second = new GrpcServer({ actors: server.actors, journal: server.journal, limits: defaultLimits });
    const error = await second.listen({ host: '127.0.0.1', port: server.port }).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'EADDRINUSE' });
    await second.close(0);
  });
});
