import type { ServerHttp2Session } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { expect } from 'chai';
import { defaultLimits } from '../../../lib/core/limits.js';
import { GatedSessions, http2ServersOf } from '../../../lib/server/rpc/gated-sessions.js';
import { endedAfterEach } from '../../system/endings.js';
import { eventually } from '../../system/eventually.js';
import { framesIn, frameTypes, ping, preface, request, settings } from './http2-frames.js';
import { RawSocket } from './raw-socket.js';
import { RecordingJournal } from './recording-journal.js';

describe('GatedSessions', () => {
  const endings = endedAfterEach();

  it('makes a session with the first call, and ends it before node hears that its gate is closed, so that no stream writes into what takes no more', async () => {
    const server = new Server();
    const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
    const gated = new GatedSessions({
      server,
      injector,
      limits: defaultLimits,
      settings: [],
      fastLane: true,
      journal: new RecordingJournal(),
    });
    let session: ServerHttp2Session | undefined;
    for (const http2 of http2ServersOf(server)) {
      http2.on('session', (begun) => {
        session = begun;
      });
    }
    const accepted: Socket[] = [];
    const listener = createServer((socket) => {
      socket.on('error', () => {});
      accepted.push(socket);
      gated.accept(socket);
    });
    endings.add(() => server.forceShutdown());
    endings.add(() => listener.close());
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const peer = new RawSocket(endings, address.port);
    const answered = () => framesIn(peer.received).frames.some(({ type }) => type === frameTypes.ping);
    peer.write(Buffer.concat([preface, settings, ping()]));
    await eventually('the answer to a PING', answered);
    // A session is dear: there is none before a call begins.
    expect(session).to.equal(undefined);
    peer.write(request(1, '/'));
    const called = () => framesIn(peer.received).frames.some(({ type }) => type === frameTypes.headers);
    await eventually('a session that has answered', () => session !== undefined && called());

    const gate = session && gated.gateOf(session);
    let destroyed: boolean | undefined;
    gate?.stream?.once('close', () => {
      destroyed = session?.destroyed;
    });
    for (const socket of accepted) socket.destroy();
    await eventually('the end of the gate', () => destroyed !== undefined);
    expect(destroyed).to.equal(true);
  });
});
