import { setTimeout as pause } from 'node:timers/promises';
import { Metadata, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { filter, firstValueFrom, lastValueFrom, tap } from 'rxjs';
import type { ChatClient, Status } from '../../lib/client/chat-client.js';
import { connect } from '../../lib/client/connect.js';
import { CannotConnect, Refused, VisitOver } from '../../lib/client/errors.js';
import { clientLimits } from '../../lib/client/limits.js';
import { encodeEvent } from '../../lib/codec/event-codec.js';
import { decodeReadHistoryRequest } from '../../lib/codec/requests.js';
import { encodeFarewell, encodeHistoryPage, encodeRoomsPage } from '../../lib/codec/responses.js';
import { encodeStatusDetails, statusDetailsKey } from '../../lib/codec/status-details.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { rejection } from '../../lib/core/rejection.js';
import type { Fields } from '../../lib/platform/journal.js';
import { faultOf } from './promised.js';
import { ScriptedRoom } from './scripted-room.js';
import { ScriptedServer, type ScriptedStream } from './scripted-server.js';
import { withLimits } from './with-limits.js';

describe('Visit', () => {
  let server: ScriptedServer;
  let room: ScriptedRoom;
  let stream: ScriptedStream;
  let visit: ChatClient;
  let seen: RoomEvent[];
  let records: (Fields & { readonly event: string })[];

  beforeEach(async () => {
    server = await ScriptedServer.start();
    room = new ScriptedRoom();
    records = [];
  });

  afterEach(() => server.stop());

  /** Ada's visit; `before` is what had happened in the room, of which she asked to be sent the newest `history`. */
  async function visiting(before: (room: ScriptedRoom) => void = () => {}, history = 0): Promise<void> {
    before(room);
    const { position: place, byName } = room.state;
    const from = room.events.at(-1 - history);
    const note = (event: string, fields: Fields = {}) => void records.push({ ...fields, event });
    server.onJoin = (joined) => {
      stream = joined;
      stream.welcome({
        sequence: from?.sequence ?? 0,
        ...(from ? { chain: from.chain } : {}),
        lamport: place.lamport,
        newest: place.sequence,
        participants: [...byName.keys()],
      });
      if (history > 0) stream.events(...room.events.slice(-history));
      stream.events(room.join('Ada', 1));
    };
    const journal = { debug: note, info: note, warn: note, error: note };
    visit = await connect({ server: server.address, name: 'Ada', history, reconnect: false, journal });
    seen = [];
    visit.events$.subscribe((event) => seen.push(event));
    await heard((event) => event.kind === 'joined' && event.participant === 'Ada');
  }

  async function heard(wanted: (event: RoomEvent) => boolean): Promise<void> {
    if (seen.some(wanted)) return;
    await firstValueFrom(visit.events$.pipe(filter(wanted)));
  }

  const said = (text: string) => heard((event) => event.kind === 'message' && event.text === text);

  /** How it ended. */
  const end = (): Promise<Status> => lastValueFrom(visit.status$);

  async function reason(): Promise<string> {
    const status = await end();
    return status.state === 'ended' ? status.reason : status.state;
  }

  it('counts time by Lamport’s rules, number by number [S8]', async () => {
    await visiting((before) => before.join('Bob', 10));
    // The join was sent at 1; Bob's Joined (11) came before it and is not sent; her own Joined is stamped 12.
    expect(room.events.map(({ lamport }) => lamport)).to.deep.equal([11, 12]);
    expect(visit.time, 'max(1, 12) + 1').to.equal(13);

    const first = visit.publish('one');
    expect(visit.time, 'a tick before the send').to.equal(14);
    expect((await stream.request(2)).lamport).to.equal(14);
    stream.events(room.say('Ada', 'one', 1, 14));
    expect((await first).lamport, 'max(12, 14) + 1').to.equal(15);
    expect(visit.time, 'max(14, 15) + 1').to.equal(16);

    stream.events(room.say('Bob', 'low', 1, 2));
    await said('low');
    expect(room.events.at(-1)?.lamport).to.equal(16);
    expect(visit.time, 'max(16, 16) + 1').to.equal(17);
    stream.events(room.say('Bob', 'high', 2, 500));
    await said('high');
    expect(visit.time, 'max(17, 501) + 1').to.equal(502);
    stream.events(room.say('Bob', 'two at', 3), room.say('Bob', 'once', 4));
    await said('once');
    expect(visit.time, 'max(max(502, 502) + 1, 503) + 1').to.equal(504);

    void visit.publish('two').catch(() => {});
    void visit.publish('three').catch(() => {});
    expect([(await stream.request(3)).lamport, (await stream.request(4)).lamport]).to.deep.equal([505, 506]);
    stream.reject(rejection('RATE_LIMITED', 2, 5));
    stream.reject(rejection('RATE_LIMITED', 3, 5));
    const left = visit.leave();
    expect((await stream.request(5)).lamport).to.equal(507);
    expect(visit.time, 'a refusal is no event').to.equal(507);
    stream.events(room.leave('Ada', 507));
    stream.end();
    await left;
    expect(visit.time, 'max(507, 508) + 1').to.equal(509);
  });

  it('gives history first, then the own Joined, then what follows [P2] [P3]', async () => {
    await visiting((before) => {
      before.join('Bob');
      before.say('Bob', 'one', 1);
      before.say('Bob', 'two', 2);
    }, 2);
    stream.events(room.say('Bob', 'three', 3));
    await said('three');
    expect(seen).to.deep.equal(room.events.slice(1));
  });

  it('knows who is in the room as of the last event', async () => {
    await visiting((before) => {
      before.join('Cyd');
      before.leave('Cyd');
      before.join('Bob');
    }, 2);
    expect(visit.participants, 'history is over').to.deep.equal(['Bob', 'Ada']);
    stream.events(room.join('Dan'), room.leave('Bob'), room.say('Dan', 'hi', 1));
    await said('hi');
    expect(visit.participants).to.deep.equal(['Ada', 'Dan']);
  });

  it('records each event with its content and logical time, and each send [S7] [T3] [T4]', async () => {
    await visiting();
    const published = visit.publish('hi');
    stream.events(room.say('Ada', 'hi', 1, 4));
    await published;
    const at = (event: string) => records.filter((record) => record.event === event);
    expect(
      at('receive').map(({ kind, text, lamport, clock, sequence, participant }) => ({
        kind,
        text,
        lamport,
        clock,
        sequence,
        participant,
      })),
    ).to.deep.equal([
      { kind: 'joined', text: undefined, lamport: 2, clock: 3, sequence: 1, participant: 'Ada' },
      { kind: 'message', text: 'hi', lamport: 5, clock: 6, sequence: 2, participant: 'Ada' },
    ]);
    expect(at('send')[0]).to.deep.include({ participant: 'Ada', room: 'lobby', lamport: 4, ordinal: 1, text: 'hi' });
  });

  describe('publishes', () => {
    it('and resolves with the event it became, each with its own and when it was sent [P4] [P6] [S8]', async () => {
      await visiting();
      const [one, two] = [visit.publish('one'), visit.publish('two')];
      expect((await stream.request(2)).action).to.deep.equal({ kind: 'publish', text: 'one', ordinal: 1, seen: 1 });
      expect((await stream.request(3)).action).to.deep.equal({ kind: 'publish', text: 'two', ordinal: 2, seen: 1 });
      const events = [room.say('Ada', 'one', 1), room.say('Ada', 'two', 2)];
      stream.events(...events);
      const sent = [4, 5].map((lamport) => ({ first: lamport, last: lamport }));
      expect([await one, await two]).to.deep.equal(events.map((event, index) => ({ ...event, sent: sent[index] })));
      void visit.publish('three').catch(() => {});
      expect((await stream.request(4)).action).to.include({ ordinal: 3, seen: 3 });
    });

    it('takes no other’s message for an answer, nor one of an earlier visit of the same name', async () => {
      await visiting((before) => {
        before.join('Ada');
        before.say('Ada', 'earlier', 1);
        before.leave('Ada');
        before.join('Bob');
      }, 4);
      let answered: RoomEvent | undefined;
      const published = visit.publish('now').then((event) => {
        answered = event;
      });
      stream.events(room.say('Bob', 'other', 1));
      await said('other');
      expect(answered).to.equal(undefined);
      const own = room.say('Ada', 'now', 1);
      stream.events(own);
      await published;
      expect(answered).to.deep.include(own);
    });

    it('and rejects what the server refused with its reason, while others go on [P9]', async () => {
      await visiting();
      const [one, two] = [visit.publish('one'), visit.publish('two')];
      const refusal = rejection('TEXT_TOO_LONG', 1);
      stream.reject(refusal);
      stream.events(room.say('Ada', 'two', 2));
      const fault = await faultOf(one);
      expect(fault).to.be.instanceOf(Refused);
      expect((fault as Refused).rejection).to.deep.equal(refusal);
      expect((await two).text).to.equal('two');
      expect(records.filter(({ event }) => event === 'refused')[0]).to.include({ reason: 'TEXT_TOO_LONG', ordinal: 1 });
    });

    it('refuses by itself what would wait as one too many, and sends nothing of it [P12]', async () => {
      await withLimits({ publishesUnansweredMax: 2 }, async () => {
        await visiting();
        const waits = [visit.publish('one'), visit.publish('two')];
        const { time } = visit;
        const fault = await faultOf(visit.publish('three'));
        expect((fault as Refused).rejection.reason).to.equal('OVERLOADED');
        expect(visit.time, 'nothing was sent').to.equal(time);
        stream.events(room.say('Ada', 'one', 1), room.say('Ada', 'two', 2));
        await Promise.all(waits);
        const fourth = visit.publish('four');
        expect((await stream.request(4)).action, 'what was refused has used no ordinal up').to.include({
          text: 'four',
          ordinal: 3,
        });
        stream.events(room.say('Ada', 'four', 3));
        await fourth;
      });
    });

    it('refuses by itself a text that is too long, which could be too large to be refused alone [S3]', async () => {
      await visiting();
      const fault = await faultOf(visit.publish('🎉'.repeat(20_000)));
      expect((fault as Refused).rejection).to.include({ reason: 'TEXT_TOO_LONG', ordinal: 1 });
      const published = visit.publish('short');
      expect((await stream.request(2)).action).to.include({ text: 'short', ordinal: 1 });
      stream.events(room.say('Ada', 'short', 1));
      await published;
    });

    it('and says that nobody knows where the stream breaks before an answer', async () => {
      await visiting();
      const waits = [visit.publish('one'), visit.publish('two')];
      await stream.request(3);
      stream.fail(status.UNAVAILABLE, 'gone');
      for (const wait of waits) expect(await faultOf(wait)).to.be.instanceOf(VisitOver);
      expect(await reason()).to.include('The connection is lost');
      expect(await faultOf(visit.publish('three'))).to.be.instanceOf(VisitOver);
    });

    it('and says so too where the server dies', async () => {
      await visiting();
      const wait = visit.publish('one');
      await stream.request(2);
      server.stop();
      expect(await faultOf(wait)).to.be.instanceOf(VisitOver);
      expect(await reason()).to.include('The connection is lost');
    });
  });

  describe('ends and cancels the stream', () => {
    const faults: Record<string, (events: readonly RoomEvent[]) => readonly RoomEvent[]> = {
      'at a gap [P3]': (events) => events.slice(1),
      'at a duplicate [P3]': ([first]) => [first, first] as RoomEvent[],
      'at events that changed places [P2]': ([first, second]) => [second, first] as RoomEvent[],
      'at a text that its chain does not vouch for [P1]': ([first]) => [{ ...first, text: 'two' } as RoomEvent],
      'at a chain that does not go on from the one before [P1]': ([first]) => [
        { ...first, chain: '0123456789abcdef' } as RoomEvent,
      ],
    };
    for (const [fault, broken] of Object.entries(faults)) {
      it(fault, async () => {
        await visiting();
        visit.publish('mine').catch(() => {});
        const events = [room.say('Ada', 'a', 1), room.say('Ada', 'b', 2), room.say('Ada', 'c', 3)];
        const good = seen.length;
        stream.events(...broken(events));
        await stream.ended();
        expect(await reason()).to.match(/out of order, or with another history/);
        expect(seen.length, 'nothing beyond the fault').to.be.at.most(good + 1);
        expect(seen).to.deep.equal(room.events.slice(0, seen.length));
      });
    }

    it('and tells those who wait', async () => {
      await visiting((before) => before.join('Bob'));
      const wait = visit.publish('mine');
      room.say('Bob', 'lost', 1);
      stream.events(room.say('Bob', 'after it', 2));
      expect(await faultOf(wait)).to.be.instanceOf(VisitOver);
      expect(seen.map(({ sequence }) => sequence)).to.deep.equal([2]);
    });

    it('where the server sends what is no response', async () => {
      await visiting();
      stream.send(Buffer.from([0xff, 0xff, 0xff]));
      expect(await reason()).to.include('The connection is lost');
      await stream.ended();
    });
  });

  describe('is ended by its server', () => {
    const farewells = { SERVER_STOPPING: 'stopping', REMOVED: 'removed', TAKEN_OVER: 'elsewhere' } as const;
    for (const [why, words] of Object.entries(farewells)) {
      it(`with a farewell: ${why}`, async () => {
        await visiting();
        stream.send(
          encodeEvent(room.say('Ada', 'the last', 1)),
          encodeFarewell({ reason: why as keyof typeof farewells, resume: false }),
        );
        stream.fail(status.UNAVAILABLE);
        expect(await reason()).to.include(words);
        expect(seen, 'what came with it is not lost').to.deep.equal(room.events);
      });
    }

    it('without one', async () => {
      await visiting();
      stream.end();
      expect(await reason()).to.equal('The server ended the visit. Join anew.');
    });

    it('and tells also those who ask later', async () => {
      await visiting();
      stream.end();
      const status = await end();
      expect(await firstValueFrom(visit.status$)).to.deep.equal(status);
      expect(await lastValueFrom(visit.events$, { defaultValue: 'completed' })).to.equal('completed');
    });
  });

  describe('leaves', () => {
    it('when asked, after its own Left', async () => {
      await visiting();
      const left = visit.leave();
      expect((await stream.request(2)).action).to.deep.equal({ kind: 'leave' });
      expect(await faultOf(visit.publish('too late'))).to.be.instanceOf(VisitOver);
      stream.events(room.leave('Ada'));
      stream.end();
      await left;
      expect(await end()).to.deep.equal({ state: 'left' });
      expect(seen).to.deep.equal(room.events);
      expect(visit.participants).to.deep.equal([]);
      await visit.leave();
    });

    it('once, however often it is asked', async () => {
      await visiting();
      const lefts = [visit.leave(), visit.leave()];
      await stream.request(2);
      stream.events(room.leave('Ada'));
      stream.end();
      await Promise.all(lefts);
      expect(stream.requests).to.have.length(2);
    });

    it('after the messages that were under way', async () => {
      await visiting();
      const published = visit.publish('last words');
      const left = visit.leave();
      await stream.request(3);
      stream.events(room.say('Ada', 'last words', 1), room.leave('Ada'));
      stream.end();
      expect((await published).text).to.equal('last words');
      await left;
    });

    it('or not, where the server refuses; the visit goes on, and may be left later', async () => {
      await visiting();
      const lefts = [visit.leave(), visit.leave()];
      await stream.request(2);
      stream.reject(rejection('READ_ONLY', 0, 1_000));
      for (const left of lefts) {
        const fault = await faultOf(left);
        expect((fault as Refused).rejection.reason).to.equal('READ_ONLY');
      }
      const published = visit.publish('still here');
      stream.events(room.say('Ada', 'still here', 1));
      await published;
      const left = visit.leave();
      expect((await stream.request(4)).action).to.deep.equal({ kind: 'leave' });
      stream.events(room.leave('Ada'));
      stream.end();
      await left;
    });

    it('and does not say so where the stream breaks before the own Left', async () => {
      await visiting();
      const left = visit.leave();
      await stream.request(2);
      stream.fail(status.UNAVAILABLE, 'gone');
      await left;
      expect(await reason()).to.include('The connection is lost');
    });

    it('by cancelling where the server does not answer, which it says', async () => {
      await withLimits({ leaveMsMax: 50 }, async () => {
        await visiting();
        await visit.leave();
        await stream.ended();
        expect(await reason()).to.include('did not confirm the leave');
      });
    });

    it('also while it is paused', async () => {
      await withLimits({ leaveMsMax: 50 }, async () => {
        await visiting();
        visit.pause();
        const left = visit.leave();
        await stream.request(2);
        stream.events(room.leave('Ada'));
        stream.end();
        await left;
      });
    });

    it('while it is paused with more waiting than a stream holds, of which nothing is lost [P3]', async () => {
      await withLimits({ leaveMsMax: 2_000 }, async () => {
        await visiting((before) => before.join('Bob'));
        visit.pause();
        for (let ordinal = 1; ordinal <= 50; ordinal += 1) stream.events(room.say('Bob', `${ordinal}`, ordinal));
        const left = visit.leave();
        await stream.request(2);
        stream.events(room.leave('Ada'));
        stream.end();
        await left;
        expect(await end()).to.deep.equal({ state: 'left' });
        expect(seen).to.deep.equal(room.events.slice(1));
      });
    });

    it('at the pace of its reader, whose pauses the server does not have to answer for [P3] [P10]', async () => {
      await withLimits({ leaveMsMax: 400 }, async () => {
        await visiting((before) => before.join('Bob'));
        for (let ordinal = 1; ordinal <= 50; ordinal += 1) stream.events(room.say('Bob', `${ordinal}`, ordinal));
        await said('50');
        const readerAway = firstValueFrom(visit.events$.pipe(tap(() => visit.pause())));
        const left = visit.leave();
        await stream.request(2);
        for (let ordinal = 51; ordinal <= 99; ordinal += 1) stream.events(room.say('Bob', `${ordinal}`, ordinal));
        stream.events(room.leave('Ada'));
        stream.end();
        await readerAway;
        await pause(1.5 * clientLimits.leaveMsMax);
        visit.resume();
        await left;
        expect(await end()).to.deep.equal({ state: 'left' });
        expect(seen).to.deep.equal(room.events.slice(1));
      });
    });

    it('at once where the visit is over anyhow', async () => {
      await visiting();
      stream.end();
      await end();
      await visit.leave();
    });
  });

  it('takes nothing while it is paused, and everything after [P3]', async () => {
    await visiting((before) => before.join('Bob'));
    visit.pause();
    for (let ordinal = 1; ordinal <= 50; ordinal += 1) stream.events(room.say('Bob', `${ordinal}`, ordinal));
    // The answer to a question on the same connection comes after what was sent before it.
    server.unary.ListRooms = () => encodeRoomsPage({ rooms: [], more: false });
    await visit.rooms();
    expect(seen).to.have.length(1);
    visit.resume();
    await said('50');
    expect(seen).to.deep.equal(room.events.slice(1));
  });

  it('gives what waits for a paused reader before the end, of which it is told first [P3]', async () => {
    await visiting((before) => before.join('Bob'));
    visit.pause();
    for (let ordinal = 1; ordinal <= 10; ordinal += 1) stream.events(room.say('Bob', `${ordinal}`, ordinal));
    stream.end();
    await end();
    expect(seen).to.deep.equal(room.events.slice(1));
  });

  it('does not mind a refusal of what it did not ask', async () => {
    await visiting();
    stream.reject(rejection('NOT_ALLOWED'));
    stream.reject(rejection('TEXT_EMPTY', 77));
    const published = visit.publish('hi');
    stream.events(room.say('Ada', 'hi', 1));
    await published;
  });

  describe('asks its server', () => {
    it('which rooms there are', async () => {
      await visiting();
      const rooms = [{ name: 'lobby', participants: 1, sequence: 2, lamport: 3 }];
      server.unary.ListRooms = () => encodeRoomsPage({ rooms, more: false });
      expect(await visit.rooms()).to.deep.equal(rooms);
    });

    /** Pages of at most three events. */
    function paged(): void {
      server.unary.ReadHistory = (bytes) => {
        const { after, limit } = decodeReadHistoryRequest(bytes);
        const events = room.events.slice(after, after + Math.min(limit, 3));
        return encodeHistoryPage(Buffer.concat(events.map(encodeEvent)), 'log', room.events.length);
      };
    }

    it('for the past before its visit, page by page, the clock as it was [S8]', async () => {
      await visiting((before) => {
        before.join('Bob');
        for (let ordinal = 1; ordinal <= 9; ordinal += 1) before.say('Bob', `${ordinal}`, ordinal);
      });
      paged();
      const { time } = visit;
      expect(await visit.history(8)).to.deep.equal(room.events.slice(2, 10));
      expect(await visit.history(100)).to.deep.equal(room.events.slice(0, 10));
      expect(await visit.history(2, 5)).to.deep.equal(room.events.slice(2, 4));
      expect(await visit.history(0)).to.deep.equal([]);
      expect(await visit.history(5, 1)).to.deep.equal([]);
      expect(visit.time).to.equal(time);
    });

    it('and is refused with the reason in the status’s details [P9] [P11]', async () => {
      await visiting((before) => before.join('Bob'));
      const refusal = rejection('HISTORY_LOST');
      server.unary.ReadHistory = () => {
        const metadata = new Metadata();
        metadata.set(statusDetailsKey, encodeStatusDetails(status.FAILED_PRECONDITION, refusal));
        return { code: status.FAILED_PRECONDITION, details: refusal.detail, metadata };
      };
      const fault = await faultOf(visit.history(5));
      expect(fault).to.be.instanceOf(Refused);
      expect((fault as Refused).rejection).to.deep.equal(refusal);
    });

    it('and says that there was no answer where there was none', async () => {
      await visiting();
      expect(await faultOf(visit.rooms())).to.be.instanceOf(CannotConnect);
      server.unary.ListRooms = () => Buffer.from([0xff, 0xff, 0xff]);
      expect(await faultOf(visit.rooms())).to.be.instanceOf(Error);
      stream.end();
      await end();
      expect(await faultOf(visit.rooms())).to.be.instanceOf(Error);
    });
  });
});
