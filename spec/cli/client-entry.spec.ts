import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { type Entry, enter } from '../../lib/cli/client-entry.js';
import { Refused } from '../../lib/client/errors.js';
import { missedSince } from '../../lib/client/grpc/grpc-transport.js';
import { encodeHistoryPage } from '../../lib/codec/responses.js';
import { rejection } from '../../lib/core/rejection.js';
import { saved as somePlace } from '../chat/saved-session/a-saved-session.js';
import { ScriptedServer, type ScriptedStream } from '../client/scripted-server.js';
import { withLimits } from '../client/with-limits.js';

describe('Entering with a kept place', () => {
  let server: ScriptedServer;

  beforeEach(async () => {
    server = await ScriptedServer.start();
  });

  afterEach(() => server.stop());

  const placeHere = () => ({ ...somePlace, server: server.address });

  /** What each join is answered with, in order. */
  function answer(...answers: ((stream: ScriptedStream) => void)[]): void {
    server.onJoin = (stream) => answers.shift()?.(stream);
  }

  /** The room has had so many events. */
  function newest(sequence: number): void {
    server.unary.ReadHistory = () => encodeHistoryPage(Buffer.alloc(0), somePlace.logId, sequence);
  }

  async function entering(missedEventsMax: number): Promise<Entry> {
    const { address, room, name } = { address: server.address, ...somePlace };
    const entry = await enter({ server: address, room, name, reconnect: false }, placeHere(), missedEventsMax);
    // A scripted room sends no Left.
    server.stop();
    return entry;
  }

  /** For each join, whether it asked to resume. */
  const resumes = () =>
    server.streams.map(({ requests: [join] }) => join?.action.kind === 'join' && join.action.resume !== undefined);

  const welcome = (stream: ScriptedStream) => stream.welcome();
  const welcomeBack = (stream: ScriptedStream) => {
    const { session, logId, sequence, chain, ordinal } = somePlace;
    stream.welcome({ session, logId, sequence, chain, ordinal, newest: sequence, resumed: true });
  };
  const refuse = (reason: 'NAME_TAKEN' | 'ROOM_FULL') => (stream: ScriptedStream) => {
    stream.reject(rejection(reason));
    stream.end();
  };

  it('goes on from it, and says nothing, where nothing speaks against that', async () => {
    newest(somePlace.sequence);
    answer(welcomeBack);
    const { continued, news } = await entering(5);
    expect({ continued, news, resumes: resumes() }).to.deep.equal({ continued: true, news: [], resumes: [true] });
  });

  it('joins anew where the server goes on from another place, and gives no advice that it has followed', async () => {
    answer((stream) => stream.welcome({ session: somePlace.session, sequence: 99, resumed: true }), welcome);
    const { continued, news } = await entering(Number.POSITIVE_INFINITY);
    expect({ continued, resumes: resumes() }).to.deep.equal({ continued: false, resumes: [true, false] });
    expect(news).to.deep.equal([
      'Your earlier visit could not be continued, so you joined anew. The server did not go on from the place it was given.',
    ]);
  });

  it('joins as a newcomer where more was missed than is to be shown, and says how much', async () => {
    newest(somePlace.sequence + 6);
    answer(welcome);
    const { continued, news } = await entering(5);
    expect({ continued, resumes: resumes() }).to.deep.equal({ continued: false, resumes: [false] });
    expect(news).to.deep.equal([
      'You missed 6 events, too many to show them all. /history shows those before you came.',
    ]);
  });

  it('goes on, however much was missed, where its session lives and has its name', async () => {
    newest(somePlace.sequence + 6);
    answer(refuse('NAME_TAKEN'), welcomeBack);
    const { continued, news } = await entering(5);
    expect({ continued, news, resumes: resumes() }).to.deep.equal({
      continued: true,
      news: [],
      resumes: [false, true],
    });
  });

  it('passes on every other refusal, and does not try again', async () => {
    newest(somePlace.sequence + 6);
    answer(refuse('ROOM_FULL'));
    const failure = await entering(5).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Refused);
    expect(resumes()).to.deep.equal([false]);
  });

  it('does not ask what was missed where all of it is wanted', async () => {
    let asked = false;
    server.unary.ReadHistory = () => {
      asked = true;
      return Buffer.alloc(0);
    };
    answer(welcomeBack);
    await entering(Number.POSITIVE_INFINITY);
    expect(asked).to.equal(false);
  });

  it('does not know what was missed of another history', async () => {
    server.unary.ReadHistory = () => encodeHistoryPage(Buffer.alloc(0), 'another log', somePlace.sequence + 6);
    expect(await missedSince(placeHere())).to.equal(undefined);
    newest(somePlace.sequence - 1);
    expect(await missedSince(placeHere())).to.equal(undefined);
  });

  it('waits for what was missed no longer than it has to, where the server says nothing at all', async () => {
    const connected = new Set<Socket>();
    const silent = await listening(connected);
    try {
      await withLimits({ missedMsMax: 50 }, async () => {
        const { port } = silent.address() as AddressInfo;
        expect(await missedSince({ ...somePlace, server: `127.0.0.1:${port}` })).to.equal(undefined);
      });
    } finally {
      silent.close();
      // grpc-js does not close a connection that was never answered.
      for (const socket of connected) socket.destroy();
    }
  }).timeout(5_000);

  /** Takes connections, and never says a word. */
  function listening(connected: Set<Socket>): Promise<Server> {
    const silent = createServer((socket) => connected.add(socket.on('error', () => {}).resume()));
    return new Promise((resolve) => silent.listen(0, '127.0.0.1', () => resolve(silent)));
  }
});
