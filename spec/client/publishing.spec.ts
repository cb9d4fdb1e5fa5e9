import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { Refused, VisitOver } from '../../lib/client/errors.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { rejection } from '../../lib/core/rejection.js';
import { faultOf } from './promised.js';
import { scriptedSessions } from './scripted-session.js';
import { withLimits } from './with-limits.js';

describe('ChatClient publishes', () => {
  const joined = scriptedSessions();

  it('and resolves with the event it became, each with its own and when it was sent [P4] [P6] [S8]', async () => {
    const { client, room, stream } = await joined();
    const [one, two] = [client.publish('one'), client.publish('two')];
    expect((await stream.request(2)).action).to.deep.equal({ kind: 'publish', text: 'one', ordinal: 1, seen: 1 });
    expect((await stream.request(3)).action).to.deep.equal({ kind: 'publish', text: 'two', ordinal: 2, seen: 1 });
    const events = [room.say('Ada', 'one', 1), room.say('Ada', 'two', 2)];
    stream.events(...events);
    const sent = [4, 5].map((lamport) => ({ first: lamport, last: lamport }));
    expect([await one, await two]).to.deep.equal(events.map((event, index) => ({ ...event, sent: sent[index] })));
    void client.publish('three').catch(() => {});
    expect((await stream.request(4)).action).to.include({ ordinal: 3, seen: 3 });
  });

  it('takes no other’s message for an answer, nor one of an earlier session of the same name', async () => {
    const { client, room, stream, said } = await joined((before) => {
      before.join('Ada');
      before.say('Ada', 'earlier', 1);
      before.leave('Ada');
      before.join('Bob');
    }, 4);
    let answered: RoomEvent | undefined;
    const published = client.publish('now').then((event) => {
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
    const { client, room, stream, records } = await joined();
    const [one, two] = [client.publish('one'), client.publish('two')];
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
      const { client, room, stream } = await joined();
      const waits = [client.publish('one'), client.publish('two')];
      const { time } = client;
      const fault = await faultOf(client.publish('three'));
      expect((fault as Refused).rejection.reason).to.equal('OVERLOADED');
      expect(client.time, 'nothing was sent').to.equal(time);
      stream.events(room.say('Ada', 'one', 1), room.say('Ada', 'two', 2));
      await Promise.all(waits);
      const fourth = client.publish('four');
      expect((await stream.request(4)).action, 'what was refused has used no ordinal up').to.include({
        text: 'four',
        ordinal: 3,
      });
      stream.events(room.say('Ada', 'four', 3));
      await fourth;
    });
  });

  it('refuses by itself a text that is too long, which could be too large to be refused alone [S3]', async () => {
    const { client, room, stream } = await joined();
    const fault = await faultOf(client.publish('🎉'.repeat(20_000)));
    expect((fault as Refused).rejection).to.include({ reason: 'TEXT_TOO_LONG', ordinal: 1 });
    const published = client.publish('short');
    expect((await stream.request(2)).action).to.include({ text: 'short', ordinal: 1 });
    stream.events(room.say('Ada', 'short', 1));
    await published;
  });

  it('and says that nobody knows where the stream breaks before an answer', async () => {
    const { client, stream, reason } = await joined();
    const waits = [client.publish('one'), client.publish('two')];
    await stream.request(3);
    stream.fail(status.UNAVAILABLE, 'gone');
    for (const wait of waits) expect(await faultOf(wait)).to.be.instanceOf(VisitOver);
    expect(await reason()).to.include('The connection is lost');
    expect(await faultOf(client.publish('three'))).to.be.instanceOf(VisitOver);
  });

  it('and says so too where the server dies', async () => {
    const { client, server, stream, reason } = await joined();
    const wait = client.publish('one');
    await stream.request(2);
    server.stop();
    expect(await faultOf(wait)).to.be.instanceOf(VisitOver);
    expect(await reason()).to.include('The connection is lost');
  });
});
