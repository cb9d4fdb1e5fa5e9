import { setTimeout as pause } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { firstValueFrom, tap } from 'rxjs';
import { type Refused, VisitOver } from '../../lib/client/errors.js';
import { clientLimits } from '../../lib/client/limits.js';
import { rejection } from '../../lib/core/rejection.js';
import { faultOf } from './promised.js';
import { scriptedSessions } from './scripted-session.js';
import { withLimits } from './with-limits.js';

describe('ChatClient leaves', () => {
  const joined = scriptedSessions();

  it('when asked, after its own Left', async () => {
    const { client, room, stream, seen, end } = await joined();
    const left = client.leave();
    expect((await stream.request(2)).action).to.deep.equal({ kind: 'leave' });
    expect(await faultOf(client.publish('too late'))).to.be.instanceOf(VisitOver);
    stream.events(room.leave('Ada'));
    stream.end();
    await left;
    expect(await end()).to.deep.equal({ state: 'left' });
    expect(seen).to.deep.equal(room.events);
    expect(client.participants).to.deep.equal([]);
    await client.leave();
  });

  it('once, however often it is asked', async () => {
    const { client, room, stream } = await joined();
    const lefts = [client.leave(), client.leave()];
    await stream.request(2);
    stream.events(room.leave('Ada'));
    stream.end();
    await Promise.all(lefts);
    expect(stream.requests).to.have.length(2);
  });

  it('after the messages that were under way', async () => {
    const { client, room, stream } = await joined();
    const published = client.publish('last words');
    const left = client.leave();
    await stream.request(3);
    stream.events(room.say('Ada', 'last words', 1), room.leave('Ada'));
    stream.end();
    expect((await published).text).to.equal('last words');
    await left;
  });

  it('or not, where the server refuses; the session goes on, and may be left later', async () => {
    const { client, room, stream } = await joined();
    const lefts = [client.leave(), client.leave()];
    await stream.request(2);
    stream.reject(rejection('READ_ONLY', 0, 1_000));
    for (const left of lefts) {
      const fault = await faultOf(left);
      expect((fault as Refused).rejection.reason).to.equal('READ_ONLY');
    }
    const published = client.publish('still here');
    stream.events(room.say('Ada', 'still here', 1));
    await published;
    const left = client.leave();
    expect((await stream.request(4)).action).to.deep.equal({ kind: 'leave' });
    stream.events(room.leave('Ada'));
    stream.end();
    await left;
  });

  it('and does not say so where the stream breaks before the own Left', async () => {
    const { client, stream, reason } = await joined();
    const left = client.leave();
    await stream.request(2);
    stream.fail(status.UNAVAILABLE, 'gone');
    await left;
    expect(await reason()).to.include('The connection is lost');
  });

  it('by cancelling where the server does not answer, which it says', async () => {
    await withLimits({ leaveMsMax: 50 }, async () => {
      const { client, stream, reason } = await joined();
      await client.leave();
      await stream.ended();
      expect(await reason()).to.include('did not confirm the leave');
    });
  });

  it('also while it is paused', async () => {
    await withLimits({ leaveMsMax: 50 }, async () => {
      const { client, room, stream } = await joined();
      client.pause();
      const left = client.leave();
      await stream.request(2);
      stream.events(room.leave('Ada'));
      stream.end();
      await left;
    });
  });

  it('while it is paused with more waiting than a stream holds, of which nothing is lost [P3]', async () => {
    await withLimits({ leaveMsMax: 2_000 }, async () => {
      const { client, room, stream, seen, end } = await joined((before) => before.join('Bob'));
      client.pause();
      for (let ordinal = 1; ordinal <= 50; ordinal += 1) stream.events(room.say('Bob', `${ordinal}`, ordinal));
      const left = client.leave();
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
      const { client, room, stream, seen, said, end } = await joined((before) => before.join('Bob'));
      for (let ordinal = 1; ordinal <= 50; ordinal += 1) stream.events(room.say('Bob', `${ordinal}`, ordinal));
      await said('50');
      const readerAway = firstValueFrom(client.events$.pipe(tap(() => client.pause())));
      const left = client.leave();
      await stream.request(2);
      for (let ordinal = 51; ordinal <= 99; ordinal += 1) stream.events(room.say('Bob', `${ordinal}`, ordinal));
      stream.events(room.leave('Ada'));
      stream.end();
      await readerAway;
      await pause(1.5 * clientLimits.leaveMsMax);
      client.resume();
      await left;
      expect(await end()).to.deep.equal({ state: 'left' });
      expect(seen).to.deep.equal(room.events.slice(1));
    });
  });

  it('at once where the session is over anyhow', async () => {
    const { client, stream, end } = await joined();
    stream.end();
    await end();
    await client.leave();
  });
});
