import { Metadata, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { first } from 'rxjs';
import type { ChatClient, ConnectOptions, Status, VisitPlace } from '../../lib/client/chat-client.js';
import { connect } from '../../lib/client/connect.js';
import { CannotConnect, HistoryLost, type NoAnswer, Overdue, Refused, VisitOver } from '../../lib/client/errors.js';
import { encodeEvent } from '../../lib/codec/event-codec.js';
import { decodeReadHistoryRequest, type JoinRequest, type PublishAction } from '../../lib/codec/requests.js';
import { encodeHistoryPage, type FarewellReason, type Welcome } from '../../lib/codec/responses.js';
import { encodeStatusDetails, statusDetailsKey } from '../../lib/codec/status-details.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { type RejectionReason, rejection } from '../../lib/core/rejection.js';
import type { Fields } from '../../lib/journal/journal.js';
import { eventually } from '../system/eventually.js';
import { ScriptedRoom } from './scripted-room.js';
import { ScriptedServer, type ScriptedStream } from './scripted-server.js';
import { withLimits } from './with-limits.js';

async function faultOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it resolved');
}

/** What becomes of it is looked at later, if at all. */
function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

type Part = (stream: ScriptedStream) => void;

describe('A visit whose connection is lost', () => {
  let server: ScriptedServer;
  let room: ScriptedRoom;
  let logId: string;
  let visit: ChatClient;
  let seen: RoomEvent[];
  let statuses: Status[];
  let records: (Fields & { readonly event: string })[];
  let parts: Part[];
  let sessions: number;
  const visits: ChatClient[] = [];

  beforeEach(async () => {
    server = await ScriptedServer.start();
    room = new ScriptedRoom();
    room.join('Bob');
    logId = 'log';
    records = [];
    sessions = 0;
    serveHistory();
    server.onJoin = (stream) => parts.shift()?.(stream);
  });

  const quick = { backOffMsMin: 2, backOffMsMax: 8, leaveMsMax: 500 };

  /** Runs `test` with pauses that are over soon, and ends its visits, which would go on trying for ever. */
  const timely = (test: () => Promise<void>) => () =>
    withLimits(quick, async () => {
      try {
        await test();
      } finally {
        server.stop();
        await withLimits({ leaveMsMax: 1 }, async () => {
          await Promise.all(visits.splice(0).map((one) => one.leave()));
        });
      }
    });

  /** Pages of at most `pageMax` events. */
  function serveHistory(pageMax = 3): void {
    server.unary.ReadHistory = (bytes) => {
      const { after, limit } = decodeReadHistoryRequest(bytes);
      const events = room.events.slice(after, after + Math.min(limit || pageMax, pageMax));
      return encodeHistoryPage(Buffer.concat(events.map(encodeEvent)), logId, room.events.length);
    };
  }

  function joinOf(stream: ScriptedStream): JoinRequest {
    const [request] = stream.requests;
    if (request?.action.kind !== 'join') throw new Error('no join');
    return request.action;
  }

  /** The server lets Ada in as a new participant, unless she is in the room. */
  const anew =
    (welcome: Partial<Welcome> = {}): Part =>
    (stream) => {
      const { place, byName } = room.state;
      if (byName.has('Ada')) {
        refused('NAME_TAKEN', status.ALREADY_EXISTS)(stream);
        return;
      }
      sessions += 1;
      stream.welcome({
        session: `session ${sessions}`,
        logId,
        sequence: place.sequence,
        chain: place.chain,
        lamport: place.lamport,
        newest: place.sequence,
        participants: [...byName.keys()],
        ...welcome,
      });
      stream.events(room.join('Ada', stream.requests[0]?.lamport));
    };

  /** The server lets Ada go on, and sends what she has missed. */
  const resumed =
    (ordinal = 0): Part =>
    (stream) => {
      const { resume } = joinOf(stream);
      if (!resume) throw new Error('no resume');
      const { place, byName } = room.state;
      const participants = [...byName.keys()];
      stream.welcome({
        ...resume,
        resumed: true,
        ordinal,
        lamport: place.lamport,
        newest: place.sequence,
        participants,
      });
      const missed = room.events.slice(resume.sequence);
      if (missed.length > 0) stream.events(...missed);
    };

  const refused =
    (reason: RejectionReason, code = status.FAILED_PRECONDITION): Part =>
    (stream) => {
      stream.reject(rejection(reason));
      stream.fail(code);
    };

  async function visiting(next: Part[] = [], options: Partial<ConnectOptions> = {}): Promise<void> {
    parts = [anew(), ...next];
    await connecting(options);
    await until('she is in', () => seen.length > 0);
  }

  async function connecting(options: Partial<ConnectOptions> = {}): Promise<void> {
    const note = (event: string, fields: Fields = {}) => void records.push({ ...fields, event });
    const journal = { debug: note, info: note, warn: note, error: note };
    visit = await connect({ server: server.address, name: 'Ada', journal, ...options }, () => 0.5);
    visits.push(visit);
    const heard: RoomEvent[] = [];
    const told: Status[] = [];
    visit.events$.subscribe((event) => heard.push(event));
    visit.status$.subscribe((status) => told.push(status));
    seen = heard;
    statuses = told;
  }

  const until = (awaited: string, condition: () => boolean) =>
    eventually(
      () => `${awaited}; ${JSON.stringify({ statuses: statuses.slice(-9), seen: seen.length })}`,
      condition,
      4_000,
    );
  const states = () => statuses.map(({ state }) => state);
  const streamCount = (count: number) => until(`stream ${count}`, () => server.streams.length >= count);
  const allSeen = () => until('all events', () => seen.at(-1)?.chain === room.state.place.chain);
  const isLive = () => until('live again', () => states().includes('offline') && statuses.at(-1)?.state === 'live');

  /** Does it at the moment of the loss, before anything else can happen. */
  function whenOffline<T>(act: () => T): Promise<T> {
    return new Promise((resolve) => {
      visit.status$.pipe(first(({ state }) => state === 'offline')).subscribe(() => resolve(act()));
    });
  }

  async function reason(): Promise<string> {
    await until('the end', () => ['left', 'ended'].includes(statuses.at(-1)?.state ?? ''));
    const last = statuses.at(-1);
    return last?.state === 'ended' ? last.reason : (last?.state ?? '');
  }

  const stream = (number: number): ScriptedStream => server.streams[number - 1] as ScriptedStream;
  const cut = (number = server.streams.length) => stream(number).fail(status.UNAVAILABLE, 'cut');

  /** What was published over one stream, as `ordinal text`. */
  const published = (number: number): string[] =>
    stream(number)
      .requests.map(({ action }) => action)
      .filter((action): action is { kind: 'publish' } & PublishAction => action.kind === 'publish')
      .map(({ ordinal, text }) => `${ordinal} ${text}`);
  const publishes = (number: number, count: number) =>
    until(`${count} publishes`, () => published(number).length >= count);

  /** That all since Ada's first joining came, each event once, in order [P2] [P3]. */
  function expectWhole(from = 1): void {
    expect(seen).to.deep.equal(room.events.slice(from));
  }

  describe('resumes', () => {
    it(
      'with its session and place, and gets what it missed, each event once [P2] [P3]',
      timely(async () => {
        await visiting([resumed()]);
        stream(1).events(room.say('Bob', 'one', 1));
        await allSeen();
        const place = room.events.at(-1);
        room.say('Bob', 'missed', 2);
        room.say('Bob', 'missed too', 3);
        cut();
        await allSeen();
        await isLive();
        expect(joinOf(stream(2))).to.deep.include({
          room: 'lobby',
          name: 'Ada',
          history: 0,
          resumable: true,
          resume: { session: 'session 1', logId: 'log', sequence: place?.sequence, chain: place?.chain },
        });
        stream(2).events(room.say('Bob', 'after', 4));
        await allSeen();
        expectWhole();
        expect(states()).to.deep.equal(['live', 'offline', 'connecting', 'catching-up', 'live']);
        expect(statuses[1]).to.include({ reason: 'The connection is lost (cut).' });
        expect(statuses[3]).to.include({ behind: 2 });
        expect(visit.participants).to.deep.equal(['Bob', 'Ada']);
      }),
    );

    it(
      'as often as it takes, also while it catches up',
      timely(async () => {
        const some: Part = (again) => {
          const { resume } = joinOf(again);
          const missed = room.events.slice(resume?.sequence);
          const { lamport, sequence: newest } = room.state.place;
          again.welcome({ ...resume, resumed: true, lamport, newest });
          if (missed[0]) again.events(missed[0]);
          again.fail(status.UNAVAILABLE, 'cut again');
        };
        await visiting([some, some, some, resumed()]);
        for (let ordinal = 1; ordinal <= 6; ordinal += 1) room.say('Bob', `${ordinal}`, ordinal);
        cut();
        await allSeen();
        await isLive();
        expectWhole();
        expect(server.streams).to.have.length(5);
      }),
    );

    it(
      'when no server is there for a while, trying again and again, and says when it will',
      timely(async () => {
        const { address } = server;
        await visiting();
        server.stop();
        await until('some tries', () => states().filter((state) => state === 'connecting').length >= 4);
        const tries = statuses.filter((status) => status.state === 'offline');
        expect(tries.at(-1)?.reason).to.match(/^No chat server answers at 127\.0\.0\.1:\d+: connect ECONNREFUSED/);
        for (const { sinceMs, retryAtMs } of tries) {
          expect(sinceMs, 'the same outage').to.equal(tries[0]?.sinceMs);
          expect(retryAtMs).to.be.at.least(sinceMs);
        }
        parts = [resumed()];
        server = await ScriptedServer.start(address);
        server.onJoin = (again) => parts.shift()?.(again);
        await isLive();
      }),
    );

    it(
      'with the Lamport rules kept: each send a tick, each event a step [S8]',
      timely(async () => {
        await visiting([resumed()]);
        later(visit.publish('one'));
        await publishes(1, 1);
        const before = visit.time;
        cut();
        await streamCount(2);
        await publishes(2, 1);
        expect(stream(1).requests.map(({ lamport }) => lamport)).to.deep.equal([1, before]);
        expect(stream(2).requests.map(({ lamport }) => lamport)).to.deep.equal([before + 1, before + 2]);
      }),
    );

    it(
      'after the farewell of a server that stops',
      timely(async () => {
        await visiting([resumed()]);
        stream(1).farewell({ reason: 'SERVER_STOPPING', resume: true });
        cut();
        await until('live again', () => states().join().endsWith('connecting,live'));
        expect(statuses[1]).to.include({ state: 'offline', reason: 'The server is stopping.' });
      }),
    );

    it(
      'and records what happened with its identifiers [T3] [T4]',
      timely(async () => {
        await visiting([resumed()]);
        later(visit.publish('mine'));
        await publishes(1, 1);
        cut();
        await isLive();
        await publishes(2, 1);
        const record = (event: string) => records.find((one) => one.event === event);
        const whose = { participant: 'Ada', room: 'lobby' };
        expect(record('offline')).to.deep.include({ ...whose, logId: 'log', sequence: 2 });
        expect(record('resume')).to.deep.include({ ...whose, server: server.address, logId: 'log', sequence: 2 });
        expect(record('send-again')).to.deep.include({ ...whose, ordinal: 1, text: 'mine' });
        expect(records.filter(({ event }) => event === 'welcome').map(({ resumed }) => resumed)).to.deep.equal([
          false,
          true,
        ]);
        expect(JSON.stringify(records), 'the session is a secret').not.to.include('session 1');
      }),
    );

    it(
      'also while its reader has paused, who then gets everything [P3]',
      timely(async () => {
        await visiting([resumed()]);
        visit.pause();
        for (let ordinal = 1; ordinal <= 5; ordinal += 1) room.say('Bob', `${ordinal}`, ordinal);
        cut();
        await streamCount(2);
        visit.resume();
        await allSeen();
        expectWhole();
      }),
    );
  });

  describe('publishes', () => {
    it(
      'again what has no answer, with its ordinal and in order, before anything newer [P5] [P6]',
      timely(async () => {
        await visiting([resumed(1)]);
        const answers = ['one', 'two', 'three'].map((text) => later(visit.publish(text)));
        await publishes(1, 3);
        room.say('Ada', 'one', 1);
        const fourth = whenOffline(() => answers.push(later(visit.publish('four'))));
        cut();
        await fourth;
        await streamCount(2);
        await publishes(2, 3);
        expect(published(2)).to.deep.equal(['2 two', '3 three', '4 four']);
        const again = stream(2).requests[1]?.action;
        expect(again, 'what its author had been shown').to.include({ seen: 2 });
        stream(2).events(room.say('Ada', 'two', 2), room.say('Ada', 'three', 3), room.say('Ada', 'four', 4));
        expect((await Promise.all(answers)).map(({ text }) => text)).to.deep.equal(['one', 'two', 'three', 'four']);
        expectWhole();
      }),
    );

    it(
      'nothing again that it has seen',
      timely(async () => {
        await visiting([resumed(1)]);
        const answer = visit.publish('one');
        await publishes(1, 1);
        stream(1).events(room.say('Ada', 'one', 1));
        await answer;
        cut();
        await streamCount(2);
        later(visit.publish('two'));
        await publishes(2, 1);
        expect(published(2)).to.deep.equal(['2 two']);
      }),
    );

    it(
      'and is told that it was refused, where only the rejection was lost [P9]',
      timely(async () => {
        await visiting([resumed(2)]);
        const [first, second] = [later(visit.publish('refused')), later(visit.publish('accepted'))];
        await publishes(1, 2);
        room.say('Ada', 'accepted', 2);
        cut();
        await second;
        expect(((await faultOf(first)) as Refused).rejection).to.include({ reason: 'UNSPECIFIED', ordinal: 1 });
      }),
    );

    it(
      'no more than it may have waiting, while it is offline too [P12]',
      timely(() =>
        withLimits({ publishesUnansweredMax: 2 }, async () => {
          await visiting();
          server.stop();
          await until('offline', () => states().includes('offline'));
          const waiting = [later(visit.publish('one')), later(visit.publish('two'))];
          const fault = await faultOf(visit.publish('three'));
          expect((fault as Refused).rejection.reason).to.equal('OVERLOADED');
          void visit.leave();
          for (const wait of waiting) expect(((await faultOf(wait)) as NoAnswer).sent).to.equal(false);
        }),
      ),
    );

    it(
      'with an end: an answer that does not come in time is not waited for',
      timely(async () => {
        await visiting([resumed()], { publishMsMax: 60 });
        const sent = later(visit.publish('sent'));
        await publishes(1, 1);
        const fault = (await faultOf(sent)) as Overdue;
        expect(fault).to.be.instanceOf(Overdue);
        expect(fault.sent, 'nobody knows').to.equal(true);
        server.stop();
        await until('offline', () => states().includes('offline'));
        const unsent = (await faultOf(visit.publish('unsent'))) as Overdue;
        expect(unsent).to.be.instanceOf(Overdue);
        expect(unsent.sent, 'certainly not').to.equal(false);
      }),
    );
  });

  describe('whose session is over', () => {
    /** The server's end of the session, before the visit comes back. */
    const gone = refused('SESSION_UNKNOWN', status.NOT_FOUND);

    it(
      'reads what it missed and joins anew, each event once [P2] [P3]',
      timely(async () => {
        await visiting([gone, anew()]);
        for (let ordinal = 1; ordinal <= 8; ordinal += 1) room.say('Bob', `${ordinal}`, ordinal);
        room.leave('Ada');
        room.say('Bob', 'nine', 9);
        cut();
        await until('in again', () => seen.at(-1)?.kind === 'joined' && seen.length > 1);
        stream(3).events(room.say('Bob', 'ten', 10));
        await allSeen();
        expectWhole();
        expect(joinOf(stream(2)).resume?.session).to.equal('session 1');
        expect(joinOf(stream(3))).to.include({ history: 0, resume: undefined, resumable: true });
        expect(visit.place).to.include({ session: 'session 2', sequence: room.events.length });
        expect(records.find(({ event }) => event === 'gap-filled')).to.deep.include({ after: 2, sequence: 12 });
        expect(states()).to.include('catching-up');
        expect(visit.participants).to.deep.equal(['Bob', 'Ada']);
      }),
    );

    it(
      'reads also what happened between that reading and its join',
      timely(async () => {
        let reads = 0;
        await visiting([
          gone,
          (again) => {
            reads = records.filter(({ event }) => event === 'gap-filled').length;
            for (let ordinal = 2; ordinal <= 6; ordinal += 1) room.say('Bob', `${ordinal}`, ordinal);
            anew()(again);
          },
        ]);
        room.leave('Ada');
        room.say('Bob', 'one', 1);
        cut();
        await allSeen();
        await isLive();
        expectWhole();
        expect(reads).to.equal(1);
        expect(records.filter(({ event }) => event === 'gap-filled')).to.have.length(2);
      }),
    );

    it(
      'knows which publishes were published, and publishes the others in the new one, in order [P5] [P6]',
      timely(async () => {
        await visiting([gone, anew()]);
        const answers = ['one', 'two', 'three'].map((text) => later(visit.publish(text)));
        await publishes(1, 3);
        room.say('Ada', 'one', 1);
        room.leave('Ada');
        const fourth = whenOffline(() => answers.push(later(visit.publish('four'))));
        cut();
        await fourth;
        await streamCount(3);
        await publishes(3, 3);
        expect(published(3)).to.deep.equal(['1 two', '2 three', '3 four']);
        stream(3).events(room.say('Ada', 'two', 1), room.say('Ada', 'three', 2), room.say('Ada', 'four', 3));
        const events = await Promise.all(answers);
        expect(events.map(({ text }) => text)).to.deep.equal(['one', 'two', 'three', 'four']);
        expectWhole();
      }),
    );

    it(
      'takes nothing for its own that somebody else said under its name meanwhile',
      timely(async () => {
        await visiting([gone, anew()]);
        const answer = later(visit.publish('mine'));
        await publishes(1, 1);
        room.leave('Ada');
        room.join('Ada');
        room.say('Ada', 'not hers', 1);
        room.leave('Ada');
        cut();
        await streamCount(3);
        await publishes(3, 1);
        expect(published(3)).to.deep.equal(['1 mine']);
        stream(3).events(room.say('Ada', 'mine', 1));
        expect((await answer).text).to.equal('mine');
        expectWhole();
      }),
    );

    it(
      'goes on reading where it was when the connection is lost again, before or after its new join',
      timely(async () => {
        let failures = 2;
        const honest = server.unary.ReadHistory;
        server.unary.ReadHistory = (bytes) => {
          if (decodeReadHistoryRequest(bytes).after < 4 || failures-- <= 0) return honest?.(bytes) as Buffer;
          return { code: status.UNAVAILABLE, details: 'lost' };
        };
        const crowd: Part = (again) => {
          room.say('Bob', 'in between', 50);
          anew()(again);
        };
        await visiting([gone, crowd, gone, crowd, gone, anew()]);
        const answer = later(visit.publish('mine'));
        await publishes(1, 1);
        for (let ordinal = 1; ordinal <= 7; ordinal += 1) room.say('Bob', `${ordinal}`, ordinal);
        room.leave('Ada');
        cut();
        await until('in again', () => server.streams.length >= 3 && statuses.at(-1)?.state === 'live');
        await until('it is published', () => published(server.streams.length).length > 0);
        server.streams.at(-1)?.events(room.say('Ada', 'mine', 1));
        expect((await answer).text).to.equal('mine');
        expectWhole();
        expect(failures).to.be.below(0);
      }),
    );

    it(
      'gives publishes of the old one new ordinals also where it resumes the new one before it has caught up [P5] [P6]',
      timely(async () => {
        let failing = false;
        const honest = server.unary.ReadHistory;
        server.unary.ReadHistory = (bytes) => {
          if (!failing) return honest?.(bytes) as Buffer;
          failing = false;
          return { code: status.UNAVAILABLE, details: 'lost' };
        };
        const crowd: Part = (again) => {
          room.say('Bob', 'in between', 1);
          failing = true;
          anew()(again);
        };
        await visiting([gone, crowd, resumed()]);
        const answers = ['one', 'two', 'three'].map((text) => later(visit.publish(text)));
        await publishes(1, 3);
        room.say('Ada', 'one', 1);
        room.leave('Ada');
        cut();
        await streamCount(4);
        await publishes(4, 2);
        expect(published(4)).to.deep.equal(['1 two', '2 three']);
        stream(4).events(room.say('Ada', 'two', 1), room.say('Ada', 'three', 2));
        const events = await Promise.all(answers);
        expect(events.map(({ text }) => text)).to.deep.equal(['one', 'two', 'three']);
        expectWhole();
      }),
    );

    it(
      'waits for its own name, which the server may not have freed yet',
      timely(async () => {
        await visiting([gone, ...Array.from({ length: 200 }, () => anew())]);
        cut();
        await streamCount(5);
        room.leave('Ada');
        await until('in again', () => seen.filter(({ kind }) => kind === 'joined').length === 2);
        await isLive();
        expectWhole();
      }),
    );

    it(
      'but not for ever',
      timely(() =>
        withLimits({ nameTakenMsMax: 30 }, async () => {
          await visiting([gone, ...Array.from({ length: 200 }, () => anew())]);
          const answer = later(visit.publish('mine'));
          cut();
          expect(await reason()).to.match(/has that name/);
          expect(await faultOf(answer)).to.be.instanceOf(VisitOver);
        }),
      ),
    );

    it(
      'fills the gap only as fast as its reader takes it',
      timely(async () => {
        await visiting([gone, anew()]);
        room.leave('Ada');
        for (let ordinal = 1; ordinal <= 8; ordinal += 1) room.say('Bob', `${ordinal}`, ordinal);
        visit.pause();
        let pages = 0;
        const honest = server.unary.ReadHistory;
        server.unary.ReadHistory = (bytes) => {
          pages += 1;
          return honest?.(bytes) as Buffer;
        };
        cut();
        await until('a page', () => pages === 1);
        expect(seen).to.have.length(1);
        visit.resume();
        await until('in again', () => seen.length > 10);
        await isLive();
        expectWhole();
      }),
    );
  });

  describe('whose history is lost [P11]', () => {
    /** Another room of that name, in which others have said `count` things. */
    function anotherRoom(count = 2): void {
      room = new ScriptedRoom();
      logId = 'another log';
      room.join('Bob');
      for (let ordinal = 1; ordinal <= count; ordinal += 1) room.say('Bob', `new ${ordinal}`, ordinal);
    }

    const lost = refused('HISTORY_LOST');

    async function expectNewBeginning(newEvents = 1): Promise<void> {
      const old = seen.length;
      const before = room.events.length;
      await until('in again', () => seen.length >= old + newEvents && statuses.at(-1)?.state === 'live');
      expect(states().filter((state) => state === 'history-lost')).to.have.length(1);
      expect(seen.slice(old)).to.deep.equal(room.events.slice(before));
      expect(visit.place).to.include({ logId, sequence: room.events.length });
      expect(records.filter(({ event }) => event === 'history-lost')).to.have.length(1);
    }

    it(
      'as the server says: it is told, and joins the room as it is now',
      timely(async () => {
        await visiting([lost, anew()]);
        anotherRoom();
        cut();
        await expectNewBeginning();
        expect(visit.participants).to.deep.equal(['Bob', 'Ada']);
        expect(await visit.history(10), 'before this history’s first event').to.deep.equal(room.events.slice(0, 3));
      }),
    );

    it(
      'and is sent of the new one what was asked for of the old',
      timely(async () => {
        await visiting([lost, anew()], { history: 2 });
        cut();
        anotherRoom();
        await streamCount(3);
        expect(joinOf(stream(3))).to.include({ history: 2, resume: undefined });
      }),
    );

    it(
      'as the log id of a page says',
      timely(async () => {
        await visiting([refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()]);
        anotherRoom();
        cut();
        await expectNewBeginning();
      }),
    );

    it(
      'as the room’s being empty says',
      timely(async () => {
        await visiting([refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()]);
        room = new ScriptedRoom();
        logId = '';
        cut();
        await until('lost', () => states().includes('history-lost'));
        await isLive();
      }),
    );

    it(
      'as a page that does not go on from its place says',
      timely(async () => {
        await visiting([refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()]);
        anotherRoom(5);
        logId = 'log';
        cut();
        await expectNewBeginning();
      }),
    );

    it(
      'as the server’s having forgotten the events says',
      timely(async () => {
        await visiting([refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()]);
        server.unary.ReadHistory = () => {
          const metadata = new Metadata();
          const details = encodeStatusDetails(status.FAILED_PRECONDITION, rejection('HISTORY_LOST'));
          metadata.set(statusDetailsKey, details);
          return { code: status.FAILED_PRECONDITION, details: '', metadata };
        };
        room.leave('Ada');
        cut();
        await expectNewBeginning();
      }),
    );

    it(
      'as the welcome of its new join says',
      timely(async () => {
        await visiting([
          refused('SESSION_UNKNOWN', status.NOT_FOUND),
          (again) => {
            anotherRoom();
            anew()(again);
          },
        ]);
        room.leave('Ada');
        cut();
        await until('lost', () => states().includes('history-lost'));
        await isLive();
        expect(visit.place.logId).to.equal('another log');
        expect(seen.at(-1)).to.deep.equal(room.events.at(-1));
      }),
    );

    it(
      'lets go of what may have been published, and publishes what was never sent',
      timely(async () => {
        await visiting([lost, anew()]);
        const sent = later(visit.publish('sent'));
        await publishes(1, 1);
        anotherRoom();
        const publishing = whenOffline(() => ({ waiting: later(visit.publish('waiting')) }));
        cut();
        const { waiting } = await publishing;
        const fault = (await faultOf(sent)) as HistoryLost;
        expect(fault).to.be.instanceOf(HistoryLost);
        expect(fault.sent).to.equal(true);
        await streamCount(3);
        await publishes(3, 1);
        expect(published(3)).to.deep.equal(['1 waiting']);
        expect(stream(3).requests[1]?.action).to.include({ seen: 0 });
        stream(3).events(room.say('Ada', 'waiting', 1));
        expect((await waiting).text).to.equal('waiting');
      }),
    );
  });

  describe('ends', () => {
    const farewells: [FarewellReason, string][] = [
      ['TAKEN_OVER', 'This visit was continued elsewhere.'],
      ['REMOVED', 'The server removed you from the room.'],
    ];
    for (const [why, words] of farewells) {
      it(
        `where the server says ${why}`,
        timely(async () => {
          await visiting([resumed()]);
          stream(1).farewell({ reason: why, resume: false });
          stream(1).end();
          expect(await reason()).to.equal(words);
          expect(server.streams).to.have.length(1);
        }),
      );
    }

    it(
      'where its session was left elsewhere',
      timely(async () => {
        await visiting([resumed()]);
        stream(1).events(room.leave('Ada'));
        stream(1).end();
        expect(await reason()).to.equal('This visit was left elsewhere.');
        expectWhole();
      }),
    );

    for (const why of ['NOT_ALLOWED', 'NAME_INVALID', 'LAMPORT_TOO_FAR_AHEAD'] as const) {
      it(
        `where it is refused with ${why}`,
        timely(async () => {
          await visiting([refused(why)]);
          cut();
          expect(await reason()).to.equal(rejection(why).detail);
        }),
      );
    }

    for (const why of ['OVERLOADED', 'RATE_LIMITED', 'READ_ONLY', 'ROOM_FULL'] as const) {
      it(
        `but not where it is refused with ${why}, which passes`,
        timely(async () => {
          await visiting([refused(why), refused(why), resumed()]);
          cut();
          await streamCount(4);
          await isLive();
          expect(statuses.map((status) => status.state === 'offline' && status.reason)).to.include(
            rejection(why).detail,
          );
        }),
      );
    }

    it(
      'where there is no connection for as long as it may be offline',
      timely(async () => {
        await visiting([], { offlineMsMax: 50 });
        const unsent = later(visit.publish('mine'));
        server.stop();
        expect(await reason()).to.match(/ECONNREFUSED.*It was tried for 0\.05 s\.$/);
        expect(await faultOf(unsent)).to.be.instanceOf(VisitOver);
      }),
    );

    it(
      'where the server goes on from another place than it was asked to',
      timely(async () => {
        await visiting([(again) => again.welcome({ ...joinOf(again).resume, resumed: true, sequence: 7 })]);
        cut();
        expect(await reason()).to.include('did not go on from the place');
      }),
    );

    it(
      'where the server sends what does not go on from its place [P3]',
      timely(async () => {
        await visiting([
          (again) => {
            resumed()(again);
            again.events(room.events[0] as RoomEvent);
          },
        ]);
        cut();
        expect(await reason()).to.include('out of order');
        expectWhole();
      }),
    );
  });

  describe('is left', () => {
    it(
      'over a new connection, at once, after what was still to be said',
      timely(() =>
        withLimits({ backOffMsMin: 60_000, backOffMsMax: 60_000 }, async () => {
          await visiting([resumed()]);
          cut();
          await until('offline', () => states().includes('offline'));
          const last = later(visit.publish('last words'));
          const left = visit.leave();
          await streamCount(2);
          expect((await stream(2).request(3)).action.kind).to.equal('leave');
          stream(2).events(room.say('Ada', 'last words', 1), room.leave('Ada'));
          stream(2).end();
          await left;
          await last;
          expect(await reason()).to.equal('left');
          expectWhole();
        }),
      ),
    );

    it(
      'again where the connection was lost before its Left came',
      timely(async () => {
        await visiting([resumed()]);
        const left = visit.leave();
        await stream(1).request(2);
        cut();
        await streamCount(2);
        expect((await stream(2).request(2)).action.kind).to.equal('leave');
        stream(2).events(room.leave('Ada'));
        stream(2).end();
        await left;
        expect(await reason()).to.equal('left');
      }),
    );

    it(
      'without joining anew where its session is over',
      timely(async () => {
        await visiting([refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()]);
        const left = visit.leave();
        await stream(1).request(2);
        cut();
        await left;
        expect(await reason()).to.equal('left');
        expect(server.streams).to.have.length(2);
      }),
    );

    it(
      'in the end without the server, which it says',
      timely(() =>
        withLimits({ leaveMsMax: 50 }, async () => {
          await visiting();
          server.stop();
          await until('offline', () => states().includes('offline'));
          const unsent = later(visit.publish('unsent'));
          await visit.leave();
          expect(await reason()).to.include('could not be told of the leave');
          expect(((await faultOf(unsent)) as NoAnswer).sent).to.equal(false);
        }),
      ),
    );
  });

  it(
    'cannot answer questions meanwhile',
    timely(async () => {
      await visiting();
      server.stop();
      await until('offline', () => states().includes('offline'));
      expect(await faultOf(visit.rooms())).to.be.instanceOf(CannotConnect);
      expect(await faultOf(visit.history(3))).to.be.instanceOf(CannotConnect);
    }),
  );

  it(
    'is not made again where that is not wanted',
    timely(async () => {
      await visiting([resumed()], { reconnect: false });
      expect(joinOf(stream(1)).resumable).to.equal(false);
      cut();
      expect(await reason()).to.equal('The connection is lost (cut). Join anew.');
      expect(server.streams).to.have.length(1);
    }),
  );

  describe('in an earlier program', () => {
    let place: VisitPlace;

    /** Ada's first program, which ends without a word after saying two things. */
    async function earlier(): Promise<void> {
      parts = [anew()];
      const before = await connect({ server: server.address, name: 'Ada', reconnect: false });
      const events: RoomEvent[] = [];
      before.events$.subscribe((event) => events.push(event));
      const answers = [before.publish('one'), before.publish('two')];
      stream(1).events(room.say('Ada', 'one', 1, 20), room.say('Ada', 'two', 2, 21));
      await Promise.all(answers);
      place = before.place;
      stream(1).fail(status.UNAVAILABLE);
    }

    it(
      'goes on from its place, clock and ordinals too [P2] [P3] [S8]',
      timely(async () => {
        await earlier();
        expect(place).to.deep.equal({
          ...{ server: server.address, room: 'lobby', name: 'Ada', session: 'session 1', logId: 'log' },
          ...{ sequence: 4, chain: room.events[3]?.chain, ordinal: 2, lamport: 23 },
        });
        room.say('Bob', 'missed', 1);
        parts = [resumed(2)];
        await connecting({ resume: place });
        await allAfter(4);
        expect(stream(2).requests[0]?.lamport).to.equal(24);
        expect(seen).to.deep.equal(room.events.slice(4));
        expect(visit.participants).to.deep.equal(['Bob', 'Ada']);
        const answer = visit.publish('three');
        await publishes(2, 1);
        expect(published(2)).to.deep.equal(['3 three']);
        stream(2).events(room.say('Ada', 'three', 3));
        expect((await answer).ordinal).to.equal(3);
        expect(await visit.history(10)).to.deep.equal(room.events.slice(0, 4));
      }),
    );

    const allAfter = (from: number) => until('all', () => seen.length >= room.events.length - from);

    it(
      'whose session is over: is read on, and joins anew',
      timely(async () => {
        await earlier();
        room.say('Bob', 'missed', 1);
        room.leave('Ada');
        parts = [refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()];
        await connecting({ resume: place });
        await allAfter(4);
        expect(seen).to.deep.equal(room.events.slice(4));
        const answer = visit.publish('three');
        await publishes(3, 1);
        expect(published(3)).to.deep.equal(['1 three']);
        stream(3).events(room.say('Ada', 'three', 1));
        await answer;
      }),
    );

    it(
      'whose session is over: gives its reader everything, also more than would be held for one who does not come [P3]',
      timely(() =>
        withLimits({ eventsHeldMax: 2 }, async () => {
          await earlier();
          for (let ordinal = 1; ordinal <= 20; ordinal += 1) room.say('Bob', `${ordinal}`, ordinal);
          room.leave('Ada');
          parts = [refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()];
          await connecting({ resume: place });
          expect(states()).to.deep.equal(['catching-up']);
          expect(await visit.rooms().catch((error) => error.message)).to.equal('not in the script');
          const answer = later(visit.publish('three'));
          await publishes(3, 1);
          await allAfter(4);
          expect(seen).to.deep.equal(room.events.slice(4));
          stream(3).events(room.say('Ada', 'three', 1));
          await answer;
        }),
      ),
    );

    it(
      'whose session is over, and whose connection is lost while it reads on: comes back',
      timely(async () => {
        await earlier();
        room.say('Bob', 'missed', 1);
        room.leave('Ada');
        const honest = server.unary.ReadHistory;
        let lost = 0;
        server.unary.ReadHistory = (bytes) => {
          lost += 1;
          return lost === 1 ? { code: status.UNAVAILABLE, details: 'lost' } : (honest?.(bytes) as Buffer);
        };
        const again: Part = (next) => {
          room.leave('Ada');
          refused('SESSION_UNKNOWN', status.NOT_FOUND)(next);
        };
        parts = [refused('SESSION_UNKNOWN', status.NOT_FOUND), anew(), again, anew()];
        await connecting({ resume: place });
        await isLive();
        await allAfter(4);
        expect(seen).to.deep.equal(room.events.slice(4));
      }),
    );

    it(
      'whose history is lost: says so to the first who asks how it stands [P11]',
      timely(async () => {
        await earlier();
        room = new ScriptedRoom();
        logId = 'another log';
        parts = [refused('HISTORY_LOST'), anew()];
        await connecting({ resume: place });
        expect(states()).to.deep.equal(['history-lost', 'live']);
        const later: Status[] = [];
        visit.status$.subscribe((status) => later.push(status));
        expect(later).to.deep.equal([{ state: 'live' }]);
        await allSeen();
        expectWhole(0);
      }),
    );

    it(
      'is no place for another name, room or server',
      timely(async () => {
        await earlier();
        for (const other of [{ name: 'Bob' }, { room: 'attic' }, { server: '127.0.0.1:1' }]) {
          const options = { server: server.address, name: 'Ada', resume: place, ...other };
          expect(await faultOf(connect(options))).to.be.instanceOf(TypeError);
        }
        expect(server.streams).to.have.length(1);
      }),
    );

    it(
      'is not gone on with where there is no server, or it refuses',
      timely(async () => {
        await earlier();
        const options = { server: server.address, name: 'Ada', resume: place };
        parts = [refused('OVERLOADED')];
        expect(await faultOf(connect(options))).to.be.instanceOf(Refused);
        server.stop();
        expect(await faultOf(connect(options))).to.be.instanceOf(CannotConnect);
      }),
    );
  });
});
