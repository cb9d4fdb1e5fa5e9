import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { encodeReadHistoryRequest } from '../../lib/codec/requests.js';
import { defaultLimits, type Limits } from '../../lib/core/limits.js';
import { framed } from '../../lib/server/rpc/grpc-js/framing.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { ServerProcess } from './server-process.js';

const request = framed(Buffer.from(encodeReadHistoryRequest({ room: 'lobby', after: 0, limit: 0 })));
const noRequest = framed(Buffer.alloc(0));

describe('a call whose request comes behind its headers', () => {
  const endings = endedAfterEach();

  const connection = async ({ address }: ServerProcess): Promise<ClientHttp2Session> => {
    const session = connect(`http://${address}`);
    session.on('error', () => {});
    endings.add(() => session.destroy());
    await once(session, 'connect');
    return session;
  };

  const begin = (session: ClientHttp2Session, path: string, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream => {
    const fields = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
    const stream = session.request({ ...fields, ...headers });
    stream.on('error', () => {});
    return stream;
  };
  const chat = (method: string): string => `/chit.v1.ChatService/${method}`;

  /** How the server ends a call: in its only headers, or in trailers. */
  const endOf = (stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> =>
    new Promise((resolve, reject) => {
      stream.resume();
      for (const event of ['response', 'trailers']) {
        stream.on(event, (headers: IncomingHttpHeaders) => {
          if (headers['grpc-status'] !== undefined) resolve(headers);
        });
      }
      stream.once('close', () => reject(new Error(`closed without a status: ${stream.rstCode}`)));
    });
  /** The server has heard of all that `session` has sent. */
  const heard = (session: ClientHttp2Session): Promise<void> =>
    new Promise((resolve, reject) => {
      session.ping((error) => (error ? reject(error) : resolve()));
    });

  for (const [what, path, message] of [
    ['a read', chat('ListRooms'), noRequest],
    ['a message', chat('Publish'), noRequest],
    ['as long a message as may be', chat('Publish'), framed(Buffer.alloc(defaultLimits.requestBytesMax))],
    ['another service', '/grpc.health.v1.Health/Check', noRequest],
  ] as const) {
    it(`is answered as if it had come with them: ${what}`, async () => {
      const server = await ServerProcess.withLimits(endings, {});
      const session = await connection(server);
      const [apart, together, inPieces] = [begin(session, path), begin(session, path), begin(session, path)];
      const ends = [apart, together, inPieces].map(endOf);
      together.end(message);
      await heard(session);
      apart.end(message);
      inPieces.write(message.subarray(0, 2));
      await heard(session);
      inPieces.write(message.subarray(2));
      await heard(session);
      inPieces.end();
      const [first, second, third] = (await Promise.all(ends)).map((headers) => headers['grpc-status']);
      expect([first, third]).to.deep.equal([second, second]);
    });
  }

  it('is answered where nothing comes but its end', async () => {
    const server = await ServerProcess.withLimits(endings, {});
    const session = await connection(server);
    const late = begin(session, chat('ReadHistory'));
    const end = endOf(late);
    await heard(session);
    late.end();
    const atOnce = begin(session, chat('ReadHistory'), {});
    const other = endOf(atOnce);
    atOnce.end();
    expect((await end)['grpc-status']).to.equal((await other)['grpc-status']);
  });

  it('keeps its deadline, before its request and behind it', async () => {
    const server = await ServerProcess.withLimits(endings, { requestMsMax: 60_000 });
    const session = await connection(server);
    const [never, read] = [chat('Publish'), chat('ReadHistory')].map((path) =>
      begin(session, path, { 'grpc-timeout': '50m' }),
    ) as [ClientHttp2Stream, ClientHttp2Stream];
    const ends = [never, read].map(endOf);
    // A part of a message is not yet one.
    read.write(request.subarray(0, 3));
    for (const end of await Promise.all(ends)) {
      expect(end['grpc-status']).to.equal(String(status.DEADLINE_EXCEEDED));
      expect(end['grpc-message']).to.equal('Deadline%20exceeded');
    }
  });

  it('is told of where its request does not come, with its record [P12] [T3]', async () => {
    const server = await ServerProcess.withLimits(endings, { requestMsMax: 50 });
    const stream = begin(await connection(server), chat('Subscribe'));
    const end = await endOf(stream);
    expect(end['grpc-status']).to.equal(String(status.DEADLINE_EXCEEDED));
    expect(end['grpc-message']).to.equal('The%20request%20did%20not%20come%20in%20time.');
    const method = chat('Subscribe').slice(1);
    await eventually('the records of it', () => {
      const records = server.records().filter((record) => record.method === method);
      const [started, ended] = ['call-started', 'call'].map((event) => records.find((one) => one.event === event));
      return started && ended?.code === 'DEADLINE_EXCEEDED';
    });
  });

  it('is refused at once where gRPC has an answer to its headers', async () => {
    const server = await ServerProcess.withLimits(endings, { requestMsMax: 60_000 });
    const session = await connection(server);
    const unknown = await endOf(begin(session, chat('Unheard')));
    expect(unknown['grpc-status']).to.equal(String(status.UNIMPLEMENTED));
    const timeless = await endOf(begin(session, chat('Publish'), { 'grpc-timeout': 'soon' }));
    expect(timeless['grpc-status']).to.equal(String(status.INTERNAL));
    const large = await endOf(begin(session, chat('Publish'), { large: 'x'.repeat(9_000) }));
    expect(large['grpc-status']).to.equal(String(status.RESOURCE_EXHAUSTED));
  });

  for (const [what, sent] of [
    ['nothing', Buffer.alloc(0)],
    ['a byte', request.subarray(0, 1)],
    ['all but the end', request],
  ] as const) {
    it(`gives way to newer ones beyond the limit, with REFUSED_STREAM, and its connection goes on: after ${what} of its request [P12]`, async () => {
      const server = await ServerProcess.withLimits(endings, { requestMsMax: 60_000, unaskedCallsPerAddressMax: 4 });
      const [silent, honest] = [await connection(server), await connection(server)];
      const calls = Array.from({ length: 6 }, () => begin(silent, chat('Publish')));
      for (const call of calls) if (sent.length > 0) call.write(sent);
      await Promise.all(calls.slice(0, 2).map((call) => new Promise((resolve) => call.once('close', resolve))));
      expect(calls.map(({ rstCode }) => rstCode)).to.deep.equal([
        ...[1, 2].map(() => constants.NGHTTP2_REFUSED_STREAM),
        ...[3, 4, 5, 6].map(() => constants.NGHTTP2_NO_ERROR),
      ]);
      for (const session of [honest, silent]) {
        const late = begin(session, chat('ListRooms'));
        const end = endOf(late);
        await heard(session);
        late.end(noRequest);
        expect((await end)['grpc-status']).to.equal(String(status.OK));
      }
    });
  }

  it('has no place any more when it was cancelled [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { requestMsMax: 60_000, unaskedCallsPerAddressMax: 2 });
    const session = await connection(server);
    const [kept, cancelled] = [begin(session, chat('Publish')), begin(session, chat('Publish'))];
    await heard(session);
    cancelled.close(constants.NGHTTP2_CANCEL);
    await heard(session);
    begin(session, chat('Publish'));
    await heard(session);
    const end = endOf(kept);
    kept.end(noRequest);
    expect((await end)['grpc-status']).to.equal(String(status.NOT_FOUND));
  });

  describe('on a connection that has to wait for its session, for too many asked nothing', () => {
    /** Another connection has what may be had without asking. */
    const crowded = async (limits: Partial<Limits>): Promise<ServerProcess> => {
      const server = await ServerProcess.withLimits(endings, {
        unaskedSessionsMax: 1,
        requestMsMax: 60_000,
        ...limits,
      });
      const first = await connection(server);
      begin(first, chat('Publish'));
      await heard(first);
      return server;
    };
    const goAway = (session: ClientHttp2Session): Promise<readonly number[]> =>
      new Promise((resolve) => session.once('goaway', (...[code, lastStream]) => resolve([code, lastStream])));

    it('is answered when it asks, and so are those behind it [P12]', async () => {
      const server = await crowded({});
      const [late, other] = [await connection(server), await connection(server)];
      const call = begin(late, chat('Publish'));
      const end = endOf(call);
      const atOnce = begin(other, chat('ListRooms'));
      const otherEnd = endOf(atOnce);
      atOnce.end(noRequest);
      expect((await otherEnd)['grpc-status']).to.equal(String(status.OK));
      call.end(noRequest);
      expect((await end)['grpc-status']).to.equal(String(status.NOT_FOUND));
      await heard(late);
      const next = begin(late, chat('ListRooms'));
      const nextEnd = endOf(next);
      next.end(noRequest);
      expect((await nextEnd)['grpc-status']).to.equal(String(status.OK));
    });

    it('has its turn when another one has asked [P12]', async () => {
      const server = await crowded({ unaskedSessionsMax: 2 });
      const [second, third] = [await connection(server), await connection(server)];
      const call = begin(second, chat('ListRooms'));
      const end = endOf(call);
      await heard(second);
      const unknown = begin(third, chat('Unheard'));
      const unknownEnd = endOf(unknown);
      call.end(noRequest);
      expect((await end)['grpc-status']).to.equal(String(status.OK));
      expect((await unknownEnd)['grpc-status']).to.equal(String(status.UNIMPLEMENTED));
    });

    it('is told with its connection that nothing was worked on, where it asks nothing in time [P12]', async () => {
      const server = await crowded({ requestMsMax: 300 });
      const session = await connection(server);
      const told = goAway(session);
      begin(session, chat('Publish'));
      expect(await told).to.deep.equal([constants.NGHTTP2_NO_ERROR, 0]);
    });

    it('may send so much and no more without asking [P12]', async () => {
      const server = await crowded({ heldFramesBytesMax: 1_000 });
      const session = await connection(server);
      const closed = new Promise((resolve) => session.once('close', resolve));
      for (let number = 1; number <= 10; number += 1) {
        begin(session, chat('Publish'), { [`h${number}`]: 'x'.repeat(200) });
      }
      await closed;
      await eventually('the record of it', () =>
        server.records().some(({ event, code }) => event === 'http2-fault' && code === 'ENHANCE_YOUR_CALM'),
      );
    });
  });
});
