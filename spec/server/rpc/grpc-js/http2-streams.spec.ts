import type { ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import { Server, ServerCredentials, type ServerDuplexStream, type ServerWritableStream } from '@grpc/grpc-js';
import { expect } from 'chai';
import { defaultLimits } from '../../../../lib/core/limits.js';
import { Shares } from '../../../../lib/server/access/shares.js';
import { Listener } from '../../../../lib/server/door/listener.js';
import type { BareCalls } from '../../../../lib/server/rpc/bare-calls.js';
import { BeginTurns } from '../../../../lib/server/rpc/begin-turns.js';
import { byteService } from '../../../../lib/server/rpc/chat-service.js';
import { guardStreams, http2StreamOf } from '../../../../lib/server/rpc/grpc-js/http2-streams.js';
import { intercepted } from '../../../../lib/server/rpc/incoming-call.js';
import { endedAfterEach } from '../../../system/endings.js';
import { eventually } from '../../../system/eventually.js';
import { RawCaller } from '../../../system/raw-caller.js';
import { RecordingJournal } from '../recording-journal.js';

type Call = ServerDuplexStream<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>;

/** Not more than a stream's identity matters here. */
const someStream = () => ({ respond: () => {} }) as unknown as ServerHttp2Stream;

describe('the HTTP/2 streams of calls', () => {
  const endings = endedAfterEach();

  it('are found in this version of grpc-js, for Chat and for Subscribe', async () => {
    const journal = new RecordingJournal();
    const found: (ServerHttp2Stream | undefined)[] = [];
    const note = (call: Call): void => {
      found.push(http2StreamOf(call));
      call.end();
    };
    const shares = new Shares(defaultLimits);
    const sockets = { cut: () => {}, taken: () => 0 };
    const grpc = new Server({
      interceptors: [
        intercepted({
          ...{ limits: defaultLimits, journal, shares, sockets, closed: () => false },
          ...{ nextCall: () => 1, waitedMs: () => 0 },
        }),
      ],
    });
    const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
    const turns = new BeginTurns(defaultLimits.callsBegunPerTurnMax, setImmediate);
    const bareCalls = { add: (...[, headers, , begin]: Parameters<BareCalls['add']>) => begin(headers) };
    guardStreams(grpc, { turns, bareCalls, journal });
    grpc.addService(byteService, { Chat: note, Subscribe: note });
    const listener = new Listener({
      ...{ limits: defaultLimits, journal, shares, turns },
      accept: (one) => {
        injector.injectConnection(one);
        return undefined;
      },
    });
    const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
    endings.add(() => {
      listener.stopListening();
      listener.cutAll();
      grpc.forceShutdown();
    });

    const caller = new RawCaller(endings, `127.0.0.1:${port}`);
    const chats = [caller.chat(), caller.chat()];
    caller.subscribe({ name: 'Ada' });
    await eventually('three calls', () => found.length === 3);
    for (const chat of chats) await chat.ended();
    expect(new Set(found.map((stream) => stream?.id))).to.deep.equal(new Set([1, 3, 5]));
  });

  it('are each its own call’s, told by the call or by what its handler is given', () => {
    const [first, second] = [someStream(), someStream()];
    expect(http2StreamOf({ call: { stream: first } })).to.equal(first);
    expect(http2StreamOf({ stream: second })).to.equal(second);
  });

  it('are not known in a version of grpc-js that keeps them elsewhere', () => {
    for (const call of [{}, { call: {} }, { stream: new Duplex() }, { call: { stream: undefined, nextCall: {} } }]) {
      expect(http2StreamOf(call)).to.equal(undefined);
    }
  });
});
