import { expect } from 'chai';
import { connect } from '../../lib/client/index.js';
import { check } from '../../lib/trace/check/check.js';
import { ClientLogReader } from '../../lib/trace/history/logs/client-log-reader.js';
import { withLimits } from '../client/with-limits.js';
import { HistoryRecorder } from '../trace/recorder.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller } from './raw-caller.js';
import { readRoom } from './read-room.js';
import { recordedIn } from './recorded-in.js';
import { ServerProcess } from './server-process.js';
import { TcpProxy } from './tcp-proxy.js';

describe('a room in which nobody is and nobody ever spoke', function () {
  this.timeout(60_000);
  const endings = endedAfterEach();
  const limits = { roomsMax: 3, unspokenRoomMsMin: 1, graceMs: 100 };

  it('gives its place to another, so that rooms taken for nothing are not taken for ever [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, limits, 'durable');
    const caller = new RawCaller(endings, server.address);
    for (let number = 1; number <= 20; number += 1) {
      const chat = caller.chat();
      await eventually('it is let in', async () => {
        chat.askToJoin({ name: 'Taker', room: `taken-${number}` });
        return (await eventually('an answer', () => chat.welcome || chat.end)) && chat.welcome;
      });
      chat.leave();
      await chat.ended();
      // By the clock in milliseconds, it has been empty for one.
      await eventually('time goes on', () => Date.now() > Date.parse(String(server.records().at(-1)?.time)) + 1);
    }
    await eventually('all but the last three are gone', async () => (await caller.rooms()).length === 3);
    await server.kill();
    const next = await ServerProcess.withLimits(endings, limits, 'durable', { data: server.data });
    const names = (await new RawCaller(endings, next.address).rooms()).map(({ name }) => name);
    expect(names).to.deep.equal(['taken-18', 'taken-19', 'taken-20']);
  });

  it('is another when it is begun again: a client that comes back is told, and goes on in the new one [P11]', () =>
    withLimits({ backOffMsMin: 20, backOffMsMax: 200 }, async () => {
      const server = await ServerProcess.withLimits(endings, limits, 'durable');
      const proxy = await TcpProxy.start(endings, server.address);
      const recorder = new HistoryRecorder();
      const log = new ClientLogReader(recorder.client('Ada').steps, { sharedClock: true });
      const ada = await connect({ server: proxy.address, name: 'Ada', room: 'silent', journal: recordedIn(log) });
      endings.add(() => withLimits({ leaveMsMax: 1 }, () => ada.leave()));
      ada.events$.subscribe();
      const before = ada.place.logId;
      const caller = new RawCaller(endings, server.address);
      proxy.refuse(true);
      proxy.cut();
      await eventually('she has left', async () => (await caller.participants('silent')).length === 0);
      await readRoom(caller, 'silent', recorder, true);
      for (const room of ['one', 'two']) await caller.chat().join('Other', room);
      await eventually('a third takes the place', async () => {
        const chat = caller.chat();
        chat.askToJoin({ name: 'Other', room: 'three' });
        await eventually('an answer', () => chat.welcome || chat.end);
        // For Ada there is to be a place again.
        if (chat.welcome) chat.leave();
        return chat.welcome;
      });
      await eventually('the room is gone', async () => (await caller.historyPage('silent', 0)).logId === '');

      proxy.refuse(false);
      await eventually('she is in again', () => ada.place.logId !== before, 20_000);
      await ada.publish('of the new room');
      await ada.leave();
      await readRoom(caller, 'silent', recorder);
      expect(check(recorder.history())).to.deep.equal([]);
    }));
});
