import { expect } from 'chai';
import { encodeRoomsPage } from '../../lib/codec/responses.js';
import { rejection } from '../../lib/core/rejection.js';
import { scriptedSessions } from './scripted-session.js';

describe('ChatClient', () => {
  const joined = scriptedSessions();

  it('counts time by Lamport’s rules, number by number [S8]', async () => {
    const { client, room, stream, said } = await joined((before) => before.join('Bob', 10));
    // The join was sent at 1; Bob's Joined (11) came before it and is not sent; her own Joined is stamped 12.
    expect(room.events.map(({ lamport }) => lamport)).to.deep.equal([11, 12]);
    expect(client.time, 'max(1, 12) + 1').to.equal(13);

    const first = client.publish('one');
    expect(client.time, 'a tick before the send').to.equal(14);
    expect((await stream.request(2)).lamport).to.equal(14);
    stream.events(room.say('Ada', 'one', 1, 14));
    expect((await first).lamport, 'max(12, 14) + 1').to.equal(15);
    expect(client.time, 'max(14, 15) + 1').to.equal(16);

    stream.events(room.say('Bob', 'low', 1, 2));
    await said('low');
    expect(room.events.at(-1)?.lamport).to.equal(16);
    expect(client.time, 'max(16, 16) + 1').to.equal(17);
    stream.events(room.say('Bob', 'high', 2, 500));
    await said('high');
    expect(client.time, 'max(17, 501) + 1').to.equal(502);
    stream.events(room.say('Bob', 'two at', 3), room.say('Bob', 'once', 4));
    await said('once');
    expect(client.time, 'max(max(502, 502) + 1, 503) + 1').to.equal(504);

    void client.publish('two').catch(() => {});
    void client.publish('three').catch(() => {});
    expect([(await stream.request(3)).lamport, (await stream.request(4)).lamport]).to.deep.equal([505, 506]);
    stream.reject(rejection('RATE_LIMITED', 2, 5));
    stream.reject(rejection('RATE_LIMITED', 3, 5));
    const left = client.leave();
    expect((await stream.request(5)).lamport).to.equal(507);
    expect(client.time, 'a refusal is no event').to.equal(507);
    stream.events(room.leave('Ada', 507));
    stream.end();
    await left;
    expect(client.time, 'max(507, 508) + 1').to.equal(509);
  });

  it('gives history first, then the own Joined, then what follows [P2] [P3]', async () => {
    const { room, stream, seen, said } = await joined((before) => {
      before.join('Bob');
      before.say('Bob', 'one', 1);
      before.say('Bob', 'two', 2);
    }, 2);
    stream.events(room.say('Bob', 'three', 3));
    await said('three');
    expect(seen).to.deep.equal(room.events.slice(1));
  });

  it('knows who is in the room as of the last event', async () => {
    const { client, room, stream, said } = await joined((before) => {
      before.join('Cyd');
      before.leave('Cyd');
      before.join('Bob');
    }, 2);
    expect(client.participants, 'history is over').to.deep.equal(['Bob', 'Ada']);
    stream.events(room.join('Dan'), room.leave('Bob'), room.say('Dan', 'hi', 1));
    await said('hi');
    expect(client.participants).to.deep.equal(['Ada', 'Dan']);
  });

  it('records each event with its content and logical time, and each send [S7] [T3] [T4]', async () => {
    const { client, room, stream, records } = await joined();
    const published = client.publish('hi');
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

  it('takes nothing while it is paused, and everything after [P3]', async () => {
    const { client, server, room, stream, seen, said } = await joined((before) => before.join('Bob'));
    client.pause();
    for (let ordinal = 1; ordinal <= 50; ordinal += 1) stream.events(room.say('Bob', `${ordinal}`, ordinal));
    // The answer to a question on the same connection comes after what was sent before it.
    server.unary.ListRooms = () => encodeRoomsPage({ rooms: [], more: false });
    await client.rooms();
    expect(seen).to.have.length(1);
    client.resume();
    await said('50');
    expect(seen).to.deep.equal(room.events.slice(1));
  });

  it('gives what waits for a paused reader before the end, of which it is told first [P3]', async () => {
    const { client, room, stream, seen, end } = await joined((before) => before.join('Bob'));
    client.pause();
    for (let ordinal = 1; ordinal <= 10; ordinal += 1) stream.events(room.say('Bob', `${ordinal}`, ordinal));
    stream.end();
    await end();
    expect(seen).to.deep.equal(room.events.slice(1));
  });

  it('does not mind a refusal of what it did not ask', async () => {
    const { client, room, stream } = await joined();
    stream.reject(rejection('NOT_ALLOWED'));
    stream.reject(rejection('TEXT_EMPTY', 77));
    const published = client.publish('hi');
    stream.events(room.say('Ada', 'hi', 1));
    await published;
  });
});
