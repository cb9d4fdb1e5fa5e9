import { rmSync } from 'node:fs';
import { expect } from 'chai';
import type { ChatClient, ConnectOptions, Status } from '../../lib/client/chat-client.js';
import { HistoryLost } from '../../lib/client/errors.js';
import { connect } from '../../lib/client/index.js';
import { clientLimits } from '../../lib/client/limits.js';
import type { MessageEvent, RoomEvent } from '../../lib/core/event.js';
import { withLimits } from '../client/with-limits.js';
import { ClientProcess } from './client-process.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';
import { TcpProxy } from './tcp-proxy.js';
import { comingsAndGoings, expectToldAsIn } from './told-as-in-history.js';
import { transcript } from './transcript.js';

/** A visit by the client library, and all that it was told. */
interface Visitor {
  readonly name: string;
  readonly visit: ChatClient;
  readonly events: RoomEvent[];
  readonly statuses: Status[];
}

describe('clients whose connections are lost, with real servers', function () {
  this.timeout(60_000);
  const endings = endedAfterEach();

  async function visitor(server: string, name: string, options: Partial<ConnectOptions> = {}): Promise<Visitor> {
    const visit = await connect({ server, name, ...options });
    endings.add(() => withLimits({ leaveMsMax: 1 }, () => visit.leave()));
    const events: RoomEvent[] = [];
    const statuses: Status[] = [];
    visit.events$.subscribe((event) => events.push(event));
    visit.status$.subscribe((status) => statuses.push(status));
    return { name, visit, events, statuses };
  }

  const states = ({ statuses }: Visitor) => statuses.map(({ state }) => state);

  /** Resolves when its newest status is `state`, and it has been told of at least `losses` losses. */
  const stands = (one: Visitor, state: Status['state'], losses = 0) =>
    eventually(
      () => `${one.name} ${state}: ${JSON.stringify(one.statuses.slice(-5))}`,
      () => one.statuses.at(-1)?.state === state && states(one).filter((past) => past === 'offline').length >= losses,
      20_000,
    );

  /** Resolves when all have been told of everything in the log, which is given. */
  async function historyTold(server: string, visitors: readonly Visitor[]): Promise<RoomEvent[]> {
    const caller = new RawCaller(endings, server);
    const { newest } = await caller.historyPage('lobby', 0, 1);
    await eventually(
      () => `all ${newest} events: ${visitors.map(({ events }) => events.at(-1)?.sequence)}`,
      () => visitors.every(({ events }) => (events.at(-1)?.sequence ?? 0) >= newest),
      20_000,
    );
    return (await caller.history()).slice(0, newest);
  }

  /** Says `count` things, `underWay` of them unanswered at a time. Resolves with what they became, in order. */
  async function burst({ visit, name }: Visitor, count: number, underWay: number): Promise<MessageEvent[]> {
    const answers: Promise<MessageEvent>[] = [];
    for (let number = 1; number <= count; number += 1) {
      answers.push(visit.publish(`${name} says ${number}`));
      if (number > underWay) await answers[number - underWay - 1];
    }
    return Promise.all(answers);
  }

  /** That each said each of its things once, in order, and was answered with that event [P4] [P5] [P6]. */
  function expectSaidOnce(history: readonly RoomEvent[], name: string, answers: readonly MessageEvent[]): void {
    const said = history.filter((event) => event.kind === 'message' && event.participant === name);
    expect(transcript(said), name).to.deep.equal(transcript(answers));
    expect(answers.map(({ text }) => text)).to.deep.equal(answers.map((_, index) => `${name} says ${index + 1}`));
  }

  const limits = { backOffMsMin: 20, backOffMsMax: 200 };
  const timely = (test: () => Promise<void>) => () => withLimits(limits, test);

  it(
    'go on where they were, however often they are cut in the middle of a burst [P1] [P2] [P3] [P5] [P6] [P8]',
    timely(async () => {
      const server = await ServerProcess.start(endings, { args: ['--publishes-per-second-max', '0'] });
      const network = await TcpProxy.start(endings, server.address);
      const visitors = await Promise.all(['Ada', 'Bob', 'Cyd'].map((name) => visitor(network.address, name)));
      let over = false;
      const bursts = Promise.all(visitors.map((one, index) => burst(one, 400, 4 ** index * 4))).finally(() => {
        over = true;
      });
      let cuts = 0;
      while (!over && cuts < 8) {
        const heard = visitors[0]?.events.length ?? 0;
        await eventually('more of the burst', () => over || (visitors[0]?.events.length ?? 0) > heard + 60, 20_000);
        network.cut();
        cuts += 1;
      }
      const answers = await bursts;
      const history = await historyTold(server.address, visitors);
      expectToldAsIn(history, visitors);
      for (const [index, { name }] of visitors.entries()) expectSaidOnce(history, name, answers[index] ?? []);
      expect(comingsAndGoings(history).sort(), 'nobody was told').to.deep.equal(
        visitors.map(({ name }) => `${name} joined`),
      );
      for (const one of visitors) expect(states(one).filter((state) => state === 'offline')).not.to.be.empty;
    }),
  );

  it(
    'go on where they were when their server is killed in the middle of a burst and started again [P2] [P3] [P4] [P5] [P6] [P8]',
    timely(async () => {
      const args = ['--publishes-per-second-max', '0', '--grace', '30s'];
      let server = await ServerProcess.start(endings, { args });
      const network = await TcpProxy.start(endings, server.address);
      const visitors = await Promise.all(['Ada', 'Bob'].map((name) => visitor(network.address, name)));
      const bursts = Promise.all(visitors.map((one) => burst(one, 600, 16)));
      for (let life = 2; life <= 3; life += 1) {
        const heard = visitors[0]?.events.length ?? 0;
        await eventually('more of the burst', () => (visitors[0]?.events.length ?? 0) > heard + 100, 20_000);
        await server.kill();
        server = await ServerProcess.start(endings, { args, data: server.data });
        network.target = server.address;
      }
      const answers = await bursts;
      const history = await historyTold(server.address, visitors);
      expectToldAsIn(history, visitors);
      for (const [index, { name }] of visitors.entries()) expectSaidOnce(history, name, answers[index] ?? []);
      expect(comingsAndGoings(history).sort()).to.deep.equal(['Ada joined', 'Bob joined']);
    }),
  );

  it(
    'are told of a farewell, and come back to the server’s next life [P3] [P8]',
    timely(async () => {
      const server = await ServerProcess.start(endings, { args: ['--grace', '30s'] });
      const network = await TcpProxy.start(endings, server.address);
      const ada = await visitor(network.address, 'Ada');
      expect(await server.stop()).to.equal(0);
      const waiting = ada.visit.publish('said while nobody was there');
      await stands(ada, 'offline');
      expect(ada.statuses.find(({ state }) => state === 'offline')).to.include({ reason: 'The server is stopping.' });
      const next = await ServerProcess.start(endings, { data: server.data });
      network.target = next.address;
      await waiting;
      const history = await historyTold(next.address, [ada]);
      expectToldAsIn(history, [ada]);
      expect(comingsAndGoings(history)).to.deep.equal(['Ada joined']);
    }),
  );

  it(
    'notice a network that has gone silent, and go on by another connection [P2] [P3] [P8]',
    timely(() =>
      withLimits({ keepaliveMs: 300, keepaliveTimeoutMs: 300, joinMsMax: 1_000 }, async () => {
        const server = await ServerProcess.start(endings, { args: ['--grace', '60s'] });
        const network = await TcpProxy.start(endings, server.address);
        const shore = await visitor(server.address, 'Shore');
        const ada = await visitor(network.address, 'Ada');
        network.freeze();
        await shore.visit.publish('heard late');
        const waiting = ada.visit.publish('sent into the silence');
        await stands(ada, 'offline');
        network.thaw();
        await waiting;
        await stands(ada, 'live');
        const history = await historyTold(server.address, [shore, ada]);
        expectToldAsIn(history, [shore, ada]);
        // Her library closes the silent stream before it cuts it, which the server hears late: that is not a leave.
        expect(comingsAndGoings(history)).to.deep.equal(['Shore joined', 'Ada joined']);
      }),
    ),
  );

  it(
    'who come back too late are told what they missed, and join anew, without gap or duplicate [P2] [P3] [P5] [P8]',
    timely(async () => {
      const server = await ServerProcess.start(endings, { args: ['--grace', '200ms'] });
      const network = await TcpProxy.start(endings, server.address);
      const shore = await visitor(server.address, 'Shore');
      const ada = await visitor(network.address, 'Ada');
      const told = await ada.visit.publish('Ada says 1');
      network.refuse(true);
      network.cut();
      const answers = [told, ...[2, 3].map((number) => ada.visit.publish(`Ada says ${number}`))];
      await eventually('Ada left', () => shore.events.some(({ kind }) => kind === 'left'));
      for (let number = 1; number <= 50; number += 1) await shore.visit.publish(`while she was away ${number}`);
      network.refuse(false);
      const events = await Promise.all(answers);
      await stands(ada, 'live');
      const history = await historyTold(server.address, [shore, ada]);
      expectToldAsIn(history, [shore, ada]);
      expectSaidOnce(history, 'Ada', events);
      expect(comingsAndGoings(history)).to.deep.equal([
        'Shore joined',
        'Ada joined',
        'Ada CONNECTION_LOST',
        'Ada joined',
      ]);
      expect(ada.visit.participants).to.have.members(['Shore', 'Ada']);
    }),
  );

  it(
    'end where another program goes on with their visit, which is told all that follows [P2] [P3] [P8]',
    timely(async () => {
      const server = await ServerProcess.start(endings);
      const shore = await visitor(server.address, 'Shore');
      const first = await visitor(server.address, 'Ada');
      await first.visit.publish('from the first program');
      const { place } = first.visit;
      const second = await visitor(server.address, 'Ada', { resume: place });
      await stands(first, 'ended');
      expect(first.statuses.at(-1)).to.include({ reason: 'This visit was continued elsewhere.' });
      const answer = await second.visit.publish('from the second program');
      expect(answer).to.include({ ordinal: 2 + clientLimits.publishesUnansweredMax, participant: 'Ada' });
      expect(answer.lamport).to.be.greaterThan(place.lamport);
      await second.visit.leave();
      const history = await historyTold(server.address, [shore]);
      expectToldAsIn(history, [shore, { name: 'Ada', events: [...first.events, ...second.events] }]);
      expect(comingsAndGoings(history)).to.deep.equal(['Shore joined', 'Ada joined', 'Ada ASKED']);
    }),
  );

  it(
    'are told when their server has lost its history, and go on with the one it has now [P11]',
    timely(async () => {
      const server = await ServerProcess.start(endings);
      const network = await TcpProxy.start(endings, server.address);
      const ada = await visitor(network.address, 'Ada');
      await ada.visit.publish('of the old history');
      network.refuse(true);
      await server.kill();
      await stands(ada, 'offline');
      rmSync(server.data, { recursive: true });
      const next = await ServerProcess.start(endings, { data: server.data });
      const shore = await visitor(next.address, 'Shore');
      await shore.visit.publish('of the new history');
      const old = ada.events.length;
      network.target = next.address;
      network.refuse(false);
      await eventually('Ada is in', () => ada.events.length > old);
      await stands(ada, 'live');
      expect(states(ada).filter((state) => state === 'history-lost')).to.have.length(1);
      await ada.visit.publish('in the new history');
      const history = await historyTold(next.address, [shore, { ...ada, events: ada.events.slice(old) }]);
      expectToldAsIn(history, [shore, { name: 'Ada', events: ada.events.slice(old) }]);
      expect(ada.visit.participants).to.have.members(['Shore', 'Ada']);
    }),
  );

  it(
    'are not told that something was published when its history was lost with it [P11]',
    timely(async () => {
      const server = await ServerProcess.start(endings);
      const network = await TcpProxy.start(endings, server.address);
      const ada = await visitor(network.address, 'Ada');
      server.child.signal('SIGSTOP');
      const fate = ada.visit.publish('to a server that is about to be lost').then(
        () => 'published',
        (error: unknown) => error,
      );
      await server.kill();
      rmSync(server.data, { recursive: true });
      const next = await ServerProcess.start(endings, { data: server.data });
      network.target = next.address;
      expect(await fate).to.be.instanceOf(HistoryLost);
      await stands(ada, 'live');
    }),
  );

  describe('chit-client without a terminal', () => {
    it('shows each event once and publishes each line once, whatever happens to its connection [S7] [P2] [P3] [P5]', async () => {
      const server = await ServerProcess.start(endings, { args: ['--grace', '500ms'] });
      const network = await TcpProxy.start(endings, server.address);
      const shore = await ClientProcess.joined(endings, server.address, { name: 'Shore' });
      const ada = await ClientProcess.joined(endings, network.address, { name: 'Ada' });
      ada.say('before');
      await ada.heard('before');
      network.cut();
      ada.say(...Array.from({ length: 20 }, (_, number) => `cut once ${number}`));
      await ada.heard('cut once 19');
      network.refuse(true);
      network.cut();
      ada.say('said while away');
      await shore.told('left', 'Ada');
      shore.say('missed by Ada');
      await shore.heard('missed by Ada');
      network.refuse(false);
      await shore.heard('said while away', 20_000);
      expect(await ada.leave()).to.equal(0);
      await shore.until('Ada left', () => shore.events.at(-1)?.kind === 'left');
      expect(transcript(ada.events)).to.deep.equal(transcript(shore.events.slice(1)));
      expect(new Set(shore.texts).size).to.equal(shore.texts.length);
      expect(shore.texts).to.have.length(23);
      const news = ada.child.errorLines;
      expect(news.filter((line) => /The connection is lost.*Connecting again/.test(line))).to.have.length(2);
      expect(news.filter((line) => /Connected again/.test(line))).to.have.length(2);
      expect(news).to.have.length(4);
    });

    it('gives up after the time it was given, and ends with 3', async () => {
      const server = await ServerProcess.start(endings);
      const args = ['--offline-max', '400ms'];
      const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada', args });
      await server.kill();
      ada.say('to nobody');
      expect(await ada.child.ended).to.equal(3);
      expect(ada.child.errorLines.at(-1)).to.match(/no chat server answers.*It was tried for 0\.4 s\./i);
    });
  });
});
