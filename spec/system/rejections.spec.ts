import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { messageCodec } from '../../lib/codec/contract.js';
import { encodeChatRequest } from '../../lib/codec/requests.js';
import { lamportBound } from '../../lib/core/clock.js';
import { defaultLimits } from '../../lib/core/limits.js';
import { noMoreRooms, type RejectionReason, rejectionDetails } from '../../lib/core/rejection.js';
import { Endings, endedAfterAll } from './endings.js';
import { RawCaller, type RawChat } from './raw-caller.js';
import { expectStatus, refusal } from './refusal.js';
import { ServerProcess } from './server-process.js';
import { expectUnbroken } from './transcript.js';

/** Beyond what a clock can have come to in an hour from now. */
const farAhead = lamportBound(Date.now() + 3_600_000, defaultLimits);
const rawPublish = messageCodec('PublishRequest');
const rawChat = messageCodec('ChatRequest');

describe('the rejections of the contract, over the wire', () => {
  const shared = endedAfterAll();
  const endings = new Endings();
  let server: ServerProcess;
  let caller: RawCaller;
  /** In the room of every test, on the same connection: whatever is refused, he goes on. */
  let neighbour: RawChat;

  before(async () => {
    server = await ServerProcess.start(shared, { args: ['--participants-per-room-max', '3', '--rooms-max', '4'] });
    caller = new RawCaller(shared, server.address);
    neighbour = caller.chat();
    await neighbour.join('Neighbour');
  });

  let events = 0;
  beforeEach(() => {
    events = neighbour.events.length;
  });

  // What was refused never appears [P9], and nobody else notices.
  afterEach(async () => {
    await endings.run();
    const text = `still here ${Math.random()}`;
    neighbour.publish(text);
    await neighbour.heard(text);
    expectUnbroken(neighbour.events);
    expect(neighbour.end).to.equal(undefined);
    expect(neighbour.rejections).to.deep.equal([]);
    expect(neighbour.events.length).to.be.greaterThan(events);
  });

  /** A participant on the shared connection, gone after the test. */
  async function joined(name = 'Ada'): Promise<{ chat: RawChat; session: string }> {
    const chat = caller.chat();
    endings.add(async () => {
      chat.cancel();
      await neighbour.event(
        `${name} left`,
        (event) => event.kind === 'left' && event.participant === name && event.sequence > sequence,
      );
    });
    const { session, sequence } = await chat.join(name);
    return { chat, session };
  }

  const texts: readonly (readonly [RejectionReason, string, string])[] = [
    ['TEXT_EMPTY', 'an empty text', ''],
    ['TEXT_EMPTY', 'a blank text', ' \t\u3000 '],
    ['TEXT_TOO_LONG', 'a text of 129 code points', '🎉'.repeat(129)],
    ['TEXT_INVALID', 'an escape character', 'a\u001b[2Jb'],
    ['TEXT_INVALID', 'a line feed', 'a\nb'],
    ['TEXT_INVALID', 'a C1 control character', 'a\u009bb'],
    ['TEXT_INVALID', 'DEL', 'a\u007fb'],
  ];
  for (const [reason, what, text] of texts) {
    it(`refuses ${what} with ${reason}, and the stream goes on [S3] [P9]`, async () => {
      const { chat, session } = await joined();
      chat.publish(text);
      expect(await chat.refused()).to.deep.equal({
        ordinal: 1,
        reason,
        detail: rejectionDetails[reason],
        retryAfterMs: 0,
      });
      expectStatus(await refusal(caller.publish(session, text, 1)), status.INVALID_ARGUMENT, reason, 1);
      chat.publish('a valid text', { ordinal: 1 });
      await Promise.all([chat.heard('a valid text'), neighbour.heard('a valid text')]);
    });
  }

  it('accepts 128 code points of any planes, a tab, and what is not normalised, and brings them as they were sent [S3]', async () => {
    const { chat } = await joined();
    for (const text of ['🎉'.repeat(128), 'e\u0301\tx', '\ufeffbom']) {
      chat.publish(text);
      await neighbour.heard(text);
    }
    expect(chat.rejections).to.deep.equal([]);
  });

  it('refuses a text that is not UTF-8 with TEXT_INVALID [S3]', async () => {
    const { chat, session } = await joined();
    const bad = (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('@@', '\xff\xfe'), 'latin1');
    chat.sendBytes(
      bad(encodeChatRequest({ lamport: 1, action: { kind: 'publish', text: 'a@@b', ordinal: 1, seen: 0 } })),
    );
    expect(await chat.refused()).to.include({ reason: 'TEXT_INVALID', ordinal: 1 });
    const unary = rawPublish.encode({ session, lamport: 1, message: { text: 'a@@b', ordinal: 1, seen: 0 } });
    expectStatus(await refusal(caller.call('Publish', bad(unary))), status.INVALID_ARGUMENT, 'TEXT_INVALID', 1);
    const notUtf8 = caller.chat();
    notUtf8.sendBytes(bad(rawChat.encode({ lamport: 1, join: { name: 'A@@a' } })));
    expectStatus(await notUtf8.ended(), status.INVALID_ARGUMENT, 'NAME_INVALID');
  });

  const names = [
    '',
    'a'.repeat(33),
    'server',
    'SERVER',
    'a\u202eb',
    'a\u200bb',
    'a\u200db',
    'a  b',
    ' a',
    'a\nb',
    'e\u0301',
  ];
  it('refuses names that are empty, too long, reserved or could deceive with NAME_INVALID [S5]', async () => {
    for (const name of names) {
      const chat = caller.chat();
      chat.askToJoin({ name });
      expectStatus(await chat.ended(), status.INVALID_ARGUMENT, 'NAME_INVALID');
      expect(
        chat.rejections.map(({ reason }) => reason),
        JSON.stringify(name),
      ).to.deep.equal(['NAME_INVALID']);
      const visit = caller.subscribe({ name });
      expectStatus(await visit.ended(), status.INVALID_ARGUMENT, 'NAME_INVALID');
    }
  });

  it('refuses a name that is taken, also in another case or form, with NAME_TAKEN until its owner has left [S5]', async () => {
    const { chat, session } = await joined();
    for (const name of ['Ada', 'ADA', 'Ａda']) {
      const second = caller.chat();
      second.askToJoin({ name });
      expectStatus(await second.ended(), status.ALREADY_EXISTS, 'NAME_TAKEN');
      expect(second.rejections[0]).to.include({ reason: 'NAME_TAKEN' });
      expectStatus(await caller.subscribe({ name }).ended(), status.ALREADY_EXISTS, 'NAME_TAKEN');
    }
    await caller.leave(session);
    expect(await chat.ended()).to.include({ code: status.OK });
    await joined('ADA');
  });

  it('refuses room names of another form with ROOM_INVALID, on streams and unary calls', async () => {
    for (const room of ['Tea', '.tea', 'a'.repeat(65), 'tea/two', 'té', 'tea ']) {
      const chat = caller.chat();
      chat.askToJoin({ name: 'Ada', room });
      expectStatus(await chat.ended(), status.INVALID_ARGUMENT, 'ROOM_INVALID');
      expectStatus(await caller.subscribe({ name: 'Ada', room }).ended(), status.INVALID_ARGUMENT, 'ROOM_INVALID');
      expectStatus(await refusal(caller.historyPage(room, 0)), status.INVALID_ARGUMENT, 'ROOM_INVALID');
      expectStatus(await refusal(caller.participants(room)), status.INVALID_ARGUMENT, 'ROOM_INVALID');
    }
  });

  it('refuses one participant more than a room may have with ROOM_FULL, until somebody leaves', async () => {
    const { chat } = await joined('Ada');
    await joined('Bob');
    const third = caller.chat();
    third.askToJoin({ name: 'Cyd' });
    expectStatus(await third.ended(), status.RESOURCE_EXHAUSTED, 'ROOM_FULL');
    expect(third.rejections[0]).to.include({ reason: 'ROOM_FULL' });
    expectStatus(await caller.subscribe({ name: 'Cyd' }).ended(), status.RESOURCE_EXHAUSTED, 'ROOM_FULL');
    chat.leave();
    await chat.ended();
    await joined('Cyd');
  });

  it('refuses one room more than the server keeps with OVERLOADED, and makes none of it', async () => {
    for (const room of ['one', 'two', 'three']) await caller.chat().join('Ada', room);
    const chat = caller.chat();
    chat.askToJoin({ name: 'Ada', room: 'four' });
    const end = await chat.ended();
    expectStatus(end, status.RESOURCE_EXHAUSTED, 'OVERLOADED', 0, noMoreRooms.server);
    expect(end.rejection?.retryAfterMs, 'rooms are kept for good').to.equal(0);
    expect(chat.rejections[0]).to.include({ reason: 'OVERLOADED', retryAfterMs: 0, detail: noMoreRooms.server });
    const visit = caller.subscribe({ name: 'Ada', room: 'five' });
    expectStatus(await visit.ended(), status.RESOURCE_EXHAUSTED, 'OVERLOADED', 0, noMoreRooms.server);
    expect((await caller.rooms()).map(({ name }) => name)).to.deep.equal(['lobby', 'one', 'three', 'two']);
    const known = caller.chat();
    await known.join('Bob', 'one');
  });

  it('refuses what comes before a join with NOT_JOINED, names its ordinal, and takes the join that follows', async () => {
    const chat = caller.chat();
    chat.publish('too early', { ordinal: 7 });
    chat.leave();
    expect(await chat.refused(1)).to.include({ reason: 'NOT_JOINED', ordinal: 0 });
    expect(chat.rejections[0]).to.include({ reason: 'NOT_JOINED', ordinal: 7 });
    await chat.join('Late');
    chat.publish('in time', { ordinal: 7 });
    await neighbour.heard('in time');
    chat.leave();
    expect(await chat.ended()).to.include({ code: status.OK });
  });

  it('refuses a second join on a stream with ALREADY_JOINED, and the first one’s visit goes on', async () => {
    const { chat } = await joined();
    chat.askToJoin({ name: 'Eve' });
    expect(await chat.refused()).to.include({ reason: 'ALREADY_JOINED', ordinal: 0 });
    chat.publish('still Ada');
    expect(await neighbour.heard('still Ada')).to.include({ participant: 'Ada' });
  });

  it('refuses a time that would run the clock out with LAMPORT_TOO_FAR_AHEAD, up to 2^64 - 1, its clock untouched [S8]', async () => {
    const { chat, session } = await joined();
    const [before] = (await caller.rooms()).filter(({ name }) => name === 'lobby');
    const past = '18446744073709551615';
    const expectRefused = async (lamport: number | string) => {
      const count = chat.rejections.length;
      chat.sendBytes(rawChat.encode({ lamport, publish: { text: 'from afar', ordinal: 1, seen: 0 } }));
      expect(await chat.refused(count)).to.include({ reason: 'LAMPORT_TOO_FAR_AHEAD', ordinal: 1 });
      chat.sendBytes(rawChat.encode({ lamport, leave: {} }));
      expect(await chat.refused(count + 1)).to.include({ reason: 'LAMPORT_TOO_FAR_AHEAD', ordinal: 0 });
      const publish = rawPublish.encode({ session, lamport, message: { text: 'from afar', ordinal: 1, seen: 0 } });
      const leave = messageCodec('LeaveRequest').encode({ session, lamport });
      const refused = await refusal(caller.call('Publish', publish));
      expectStatus(refused, status.INVALID_ARGUMENT, 'LAMPORT_TOO_FAR_AHEAD', 1);
      expectStatus(await refusal(caller.call('Leave', leave)), status.INVALID_ARGUMENT, 'LAMPORT_TOO_FAR_AHEAD');
      const join = caller.chat();
      join.sendBytes(rawChat.encode({ lamport, join: { name: 'Eve' } }));
      expectStatus(await join.ended(), status.INVALID_ARGUMENT, 'LAMPORT_TOO_FAR_AHEAD');
      const subscribe = messageCodec('SubscribeRequest').encode({ lamport, join: { name: 'Eve' } });
      expectStatus(await caller.subscribeWith(subscribe).ended(), status.INVALID_ARGUMENT, 'LAMPORT_TOO_FAR_AHEAD');
    };
    for (const lamport of [past, '9223372036854775808', '9007199254740993', Number.MAX_SAFE_INTEGER, farAhead]) {
      await expectRefused(lamport);
    }
    expect((await caller.rooms()).find(({ name }) => name === 'lobby')).to.deep.equal(before);
    const { event } = await caller.publish(session, 'from here', 1, 1);
    expect(event.lamport).to.equal((before?.lamport ?? Number.NaN) + 1);
    const ahead = event.lamport + 2 ** 20;
    expect((await caller.publish(session, 'from as far as may be', 2, ahead)).event.lamport).to.equal(ahead + 1);
    const { event: next } = await caller.publish(session, 'after that', 3, 1);
    expect(next.lamport).to.equal(ahead + 2);
  });

  it('refuses an ordinal of 0, one that goes back and one beyond 2^53 with ORDINAL_INVALID, and names it exactly', async () => {
    const { chat, session } = await joined();
    await caller.publish(session, 'five', 5);
    for (const ordinal of [0, 3]) {
      chat.publish('wrong', { ordinal });
      const refused = await refusal(caller.publish(session, 'wrong', ordinal));
      expectStatus(refused, status.INVALID_ARGUMENT, 'ORDINAL_INVALID', ordinal);
    }
    expect(await chat.refused(1)).to.include({ reason: 'ORDINAL_INVALID', ordinal: 3 });
    expect(chat.rejections[0]).to.include({ reason: 'ORDINAL_INVALID', ordinal: 0 });
    chat.publish('huge', { ordinal: 2n ** 64n - 1n });
    expect(await chat.refused(2)).to.include({ reason: 'ORDINAL_INVALID', ordinal: 2n ** 64n - 1n });
    const huge = await refusal(caller.publish(session, 'huge', 2n ** 53n));
    expectStatus(huge, status.INVALID_ARGUMENT, 'ORDINAL_INVALID', 2n ** 53n);
    const { event, duplicate } = await caller.publish(session, 'the highest', Number.MAX_SAFE_INTEGER);
    expect({ duplicate, ordinal: 'ordinal' in event && event.ordinal }).to.deep.equal({
      duplicate: false,
      ordinal: Number.MAX_SAFE_INTEGER,
    });
  });

  it('refuses unknown and ended sessions with SESSION_UNKNOWN, and a resume of one, or with HISTORY_LOST where its place is none [P9] [P11]', async () => {
    const { chat, session } = await joined();
    chat.leave();
    await chat.ended();
    const unknown = [
      session,
      '',
      'lobby:AAAAAAAAAAAAAAAAAAAAAA',
      'nowhere:AAAAAAAAAAAAAAAAAAAAAA',
      'Lobby:x',
      '\u202e',
    ];
    for (const one of unknown) {
      expectStatus(await refusal(caller.publish(one, 'hello', 1)), status.NOT_FOUND, 'SESSION_UNKNOWN', 1);
      expectStatus(await refusal(caller.leave(one)), status.NOT_FOUND, 'SESSION_UNKNOWN');
    }
    const { logId = '', sequence: place = 0, chain = '' } = chat.welcome ?? {};
    const resume = { session, logId, sequence: place, chain };
    const resuming = caller.chat();
    resuming.askToJoin({ name: 'Ada', resume });
    expectStatus(await resuming.ended(), status.NOT_FOUND, 'SESSION_UNKNOWN');
    expect(resuming.rejections[0]).to.include({ reason: 'SESSION_UNKNOWN' });
    expectStatus(await caller.subscribe({ name: 'Ada', resume }).ended(), status.NOT_FOUND, 'SESSION_UNKNOWN');
    const elsewhere = { ...resume, logId: 'x' };
    expectStatus(
      await caller.subscribe({ name: 'Ada', resume: elsewhere }).ended(),
      status.FAILED_PRECONDITION,
      'HISTORY_LOST',
    );
  });

  it('refuses an action that the contract does not have with NOT_ALLOWED, and the stream goes on', async () => {
    const { chat } = await joined();
    // Field 9, a message, and a request with no action at all.
    chat.sendBytes(Buffer.from([0x08, 0x05, 0x4a, 0x00]));
    chat.sendBytes(Buffer.from([0x08, 0x06]));
    chat.sendBytes(Buffer.alloc(0));
    expect(await chat.refused(2)).to.include({ reason: 'NOT_ALLOWED' });
    expect(chat.rejections.map(({ reason }) => reason)).to.deep.equal(['NOT_ALLOWED', 'NOT_ALLOWED', 'NOT_ALLOWED']);
    chat.publish('something that is allowed');
    await neighbour.heard('something that is allowed');
  });

  it('ends a stream or call whose bytes are no protobuf with INVALID_ARGUMENT, and that one alone [T1]', async () => {
    const { chat, session } = await joined();
    const truncated = encodeChatRequest({
      lamport: 1,
      action: { kind: 'publish', text: 'cut off', ordinal: 1, seen: 0 },
    });
    chat.sendBytes(truncated.subarray(0, -2));
    expect(await chat.ended()).to.deep.include({ code: status.INVALID_ARGUMENT, rejection: undefined });
    const left = await neighbour.event(
      'Ada left',
      (event) => event.kind === 'left' && event.participant === 'Ada' && event.sequence > (chat.welcome?.sequence ?? 0),
    );
    expect(left).to.include({ reason: 'CONNECTION_LOST' });
    expectStatus(await refusal(caller.publish(session, 'hello', 1)), status.NOT_FOUND, 'SESSION_UNKNOWN', 1);
    for (const method of ['Publish', 'Leave', 'ReadHistory', 'ListRooms', 'ListParticipants']) {
      const end = await refusal(caller.call(method, Buffer.from([0x0a, 0x7f, 0x41])));
      expect(end, method).to.include({ code: status.INVALID_ARGUMENT });
    }
    const visit = caller.subscribeWith(Buffer.from([0x12, 0x7f]));
    expect(await visit.ended()).to.include({ code: status.INVALID_ARGUMENT });
  });

  it('ends a stream or call with a message of 20 KB with RESOURCE_EXHAUSTED, and that one alone [T1]', async () => {
    const { chat, session } = await joined();
    chat.publish('x'.repeat(20_000));
    expect(await chat.ended()).to.include({ code: status.RESOURCE_EXHAUSTED });
    expect(await refusal(caller.publish(session, 'x'.repeat(20_000), 1))).to.include({
      code: status.RESOURCE_EXHAUSTED,
    });
  });

  it('says in each refusal nothing that its caller sent [P9]', async () => {
    const chat = caller.chat();
    chat.askToJoin({ name: '<script>\u202e' });
    const { details } = await chat.ended();
    expect(details).not.to.contain('script');
    const ends = server.records().filter(({ event }) => event === 'call');
    expect(ends.some(({ code }) => code === 'INVALID_ARGUMENT')).to.equal(true);
  });
});
