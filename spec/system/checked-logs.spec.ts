import { rmSync } from 'node:fs';
import { expect } from 'chai';
import { type ChatClient, type ConnectOptions, connect } from '../../lib/client/index.js';
import { check } from '../../lib/trace/check/check.js';
import { ClientLogReader, type LogRecord } from '../../lib/trace/history/logs/client-log-reader.js';
import { withLimits } from '../client/with-limits.js';
import { HistoryRecorder } from '../trace/recorder.js';
import { ClientProcess } from './client-process.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller } from './raw-caller.js';
import { readRoom } from './read-room.js';
import { recordedIn } from './recorded-in.js';
import { ServerProcess } from './server-process.js';
import { TcpProxy } from './tcp-proxy.js';

describe('the log records of clients, read by the checker', function () {
  this.timeout(60_000);
  const endings = endedAfterEach();
  const timely = (test: () => Promise<void>) => () => withLimits({ backOffMsMin: 20, backOffMsMax: 200 }, test);

  /** A visit by the client library, whose records go to the history. */
  async function recorded(
    recorder: HistoryRecorder,
    server: string,
    name: string,
    options: Partial<ConnectOptions> = {},
  ): Promise<ChatClient> {
    const log = new ClientLogReader(recorder.client(name).steps, { sharedClock: true });
    const visit = await connect({ server, name, journal: recordedIn(log), ...options });
    endings.add(() => withLimits({ leaveMsMax: 1 }, () => visit.leave()));
    visit.events$.subscribe();
    return visit;
  }

  const told = (visit: ChatClient, sequence: number) =>
    eventually(
      () => `${visit.name} at ${sequence}, not ${visit.place.sequence}`,
      () => visit.place.sequence >= sequence,
      20_000,
    );

  const kinds = (recorder: HistoryRecorder) =>
    check(recorder.history()).map(({ kind, message }) => `${kind}: ${message}`);
  const texts = (name: string, from: number) => Array.from({ length: 20 }, (_, index) => `${name} ${from + index}`);

  for (const { grace, comesBack } of [
    { grace: '10s', comesBack: 'resumes' },
    { grace: '0', comesBack: 'joins anew and fills in what it missed' },
  ]) {
    it(
      `tell a sound history through cuts and a killed server where a client ${comesBack}, and show each line that is taken out`,
      timely(async () => {
        const args = ['--grace', grace];
        const first = await ServerProcess.start(endings, { args });
        const proxy = await TcpProxy.start(endings, first.address);
        const recorder = new HistoryRecorder();
        const ada = await recorded(recorder, proxy.address, 'Ada');
        const bob = await ClientProcess.joined(endings, proxy.address, { name: 'Bob' });
        const answers = texts('Ada', 1).map((text) => ada.publish(text));
        bob.say(...texts('Bob', 1));
        await told(ada, 5);
        proxy.cut();
        await Promise.all(answers);
        const more = texts('Ada', 21).map((text) => ada.publish(text));
        bob.say(...texts('Bob', 21));
        await first.kill();
        const second = await ServerProcess.start(endings, { args, data: first.data });
        proxy.target = second.address;
        proxy.cut();
        await Promise.all(more);
        await bob.heard('Bob 40', 20_000);
        await bob.leave();
        await ada.leave();

        const caller = new RawCaller(endings, second.address);
        await readRoom(caller, 'lobby', recorder);
        const records = bob.records() as unknown as LogRecord[];
        const judge = (lines: readonly LogRecord[]) => {
          const history = recorder.history();
          const again = new HistoryRecorder();
          const log = new ClientLogReader(again.client('Bob').steps);
          for (const line of lines) log.add(line);
          return check({ ...history, clients: [...history.clients, ...again.history().clients] });
        };
        expect(judge(records)).to.deep.equal([]);

        const without = (left: (record: LogRecord) => boolean) =>
          judge(records.filter((record) => !left(record))).map(({ kind }) => kind);
        expect(without(({ event, text }) => event === 'receive' && text === 'Ada 10')).to.include('gap');
        const sent = ['send', 'send-again'];
        expect(without(({ event, text }) => sent.includes(event) && text === 'Bob 1')).to.include('forged-message');
        const altered = records.map((record) => (record.text === 'Bob 2' ? { ...record, text: 'Bob 3' } : record));
        expect(judge(altered).map(({ kind }) => kind)).to.include('disagreement');
      }),
    );
  }

  it(
    'tell where a history was lost, and a message with it',
    timely(async () => {
      const recorder = new HistoryRecorder();
      const first = await ServerProcess.start(endings);
      const proxy = await TcpProxy.start(endings, first.address);
      const ada = await recorded(recorder, proxy.address, 'Ada');
      await ada.publish('of the first history');
      await readRoom(new RawCaller(endings, first.address), 'lobby', recorder, true);
      await first.kill();
      rmSync(first.data, { recursive: true });
      const second = await ServerProcess.start(endings);
      proxy.target = second.address;
      await ada.publish('of the second history');
      await ada.leave();
      await readRoom(new RawCaller(endings, second.address), 'lobby', recorder);
      expect(kinds(recorder)).to.deep.equal([]);
      const welcomes =
        recorder.history().clients[0]?.steps.flatMap((step) => (step.kind === 'welcome' ? step : [])) ?? [];
      expect(welcomes.map(({ continues }) => continues)).to.deep.equal([false, false]);
    }),
  );
});
