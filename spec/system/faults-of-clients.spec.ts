import { expect } from 'chai';
import type { RoomEvent } from '../../lib/core/event.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { heldMib, serverThatTellsItsMemory } from './held-memory.js';
import { ParticipantProcess } from './participant-process.js';
import { RawCaller } from './raw-caller.js';
import { ResumingParticipant } from './resuming-participant.js';
import { ServerProcess } from './server-process.js';
import { TcpProxy } from './tcp-proxy.js';
import { comingsAndGoings, expectToldAsIn } from './told-as-in-history.js';
import { expectUnbroken } from './transcript.js';

/** Silence is noticed after this, instead of after 15 s. */
const noticed = { keepaliveMs: 300, keepaliveTimeoutMs: 300 };

describe('a participant whose client or network fails', function () {
  this.timeout(40_000);
  const endings = endedAfterEach();

  async function participant(server: string, name: string): Promise<ResumingParticipant> {
    const joined = new ResumingParticipant(endings, { name, server });
    await joined.join();
    return joined;
  }

  const left = (witness: ResumingParticipant, name: string, ms?: number): Promise<RoomEvent> =>
    eventually(
      `${name} left`,
      () => witness.events.find(({ kind, participant: who }) => kind === 'left' && who === name),
      ms,
    );

  /** Resolves when the server waits for somebody whose stream is lost. */
  async function awaited(server: ServerProcess, name: string): Promise<void> {
    const record = () => server.records().find(({ event, participant: who }) => event === 'awaited' && who === name);
    await eventually(`the server misses ${name}`, record, 15_000);
  }

  /** That all had what the server has in the end, which is returned as who came and went. */
  async function expectAllTold(
    server: ServerProcess,
    participants: readonly (ResumingParticipant | ParticipantProcess)[],
  ): Promise<string[]> {
    const history = await new RawCaller(endings, server.address).history();
    await eventually('all is told', () =>
      participants.every(({ events }) => events.at(-1)?.sequence === history.length),
    );
    expectToldAsIn(history, participants);
    return comingsAndGoings(history);
  }

  describe('by kill -9', () => {
    it('leaves once, after its grace; nobody else notices anything [S6] [P8] [P10]', async () => {
      const server = await ServerProcess.start(endings, { args: ['--grace', '1s'] });
      const [bob, cyd] = [await participant(server.address, 'Bob'), await participant(server.address, 'Cyd')];
      const ada = await ParticipantProcess.joined(endings, server.address, 'Ada');
      ada.say('my last words');
      await bob.heard('my last words');
      const killed = performance.now();
      ada.child.signal('SIGKILL');
      bob.publish('nothing happened');
      await cyd.heard('nothing happened', 1_000);
      expect(await left(bob, 'Ada', 16_000)).to.include({ reason: 'CONNECTION_LOST' });
      expect(performance.now() - killed).to.be.above(900);
      bob.publish('and on');
      await cyd.heard('and on');
      const stays = await expectAllTold(server, [bob, cyd]);
      expect(stays).to.deep.equal(['Bob joined', 'Cyd joined', 'Ada joined', 'Ada CONNECTION_LOST']);
      expect([bob.resumes, cyd.resumes]).to.deep.equal([0, 0]);
    });
  });

  describe('by SIGSTOP', () => {
    it('and goes on within its grace resumes without a gap, and nobody was told [P2] [P3] [P8]', async () => {
      const server = await ServerProcess.withLimits(endings, { ...noticed, graceMs: 60_000 });
      const bob = await participant(server.address, 'Bob');
      const ada = await ParticipantProcess.joined(endings, server.address, 'Ada');
      for (let time = 1; time <= 2; time += 1) {
        const before = server.records().filter(({ event }) => event === 'awaited').length;
        ada.child.signal('SIGSTOP');
        for (let number = 1; number <= 50; number += 1) bob.publish(`${number} the ${time}. time`);
        const isMissed = () => server.records().filter(({ event }) => event === 'awaited').length > before;
        await eventually('the server misses Ada', isMissed);
        bob.publish(`missed the ${time}. time`);
        await bob.heard(`missed the ${time}. time`);
        ada.child.signal('SIGCONT');
        await ada.heard(`missed the ${time}. time`);
        ada.say(`back the ${time}. time`);
        await bob.heard(`back the ${time}. time`);
      }
      expect(await expectAllTold(server, [ada, bob])).to.deep.equal(['Bob joined', 'Ada joined']);
    });

    it('and goes on after its grace left once, and joins anew without a gap [P3] [P8]', async () => {
      const server = await ServerProcess.withLimits(endings, { ...noticed, graceMs: 1_000 });
      const bob = await participant(server.address, 'Bob');
      const ada = await ParticipantProcess.joined(endings, server.address, 'Ada');
      ada.child.signal('SIGSTOP');
      bob.publish('said while she is there for all that anybody knows');
      expect(await left(bob, 'Ada')).to.include({ reason: 'CONNECTION_LOST' });
      bob.publish('said while she is not there');
      await bob.heard('said while she is not there');
      ada.child.signal('SIGCONT');
      await ada.heard('said while she is not there');
      ada.say('back again');
      await bob.heard('back again');
      const stays = await expectAllTold(server, [ada, bob]);
      expect(stays).to.deep.equal(['Bob joined', 'Ada joined', 'Ada CONNECTION_LOST', 'Ada joined']);
    });
  });

  describe('by a connection that is half open', () => {
    it('is noticed by its silence, and resumes when its network is back, or leaves once [P3] [P8] [P10]', async () => {
      const server = await ServerProcess.withLimits(endings, { ...noticed, graceMs: 2_000 });
      const [network, other] = [
        await TcpProxy.start(endings, server.address),
        await TcpProxy.start(endings, server.address),
      ];
      const bob = await participant(server.address, 'Bob');
      const [ada, dan] = [await participant(network.address, 'Ada'), await participant(other.address, 'Dan')];
      network.freeze();
      other.freeze();
      bob.publish('into the dark');
      ada.publish('out of the dark');
      await awaited(server, 'Ada');
      network.thaw();
      await eventually('Ada is back', () => ada.resumes === 1 && ada.unanswered === 0);
      await bob.heard('out of the dark');
      expect(await left(bob, 'Dan')).to.include({ reason: 'CONNECTION_LOST' });
      const stays = await expectAllTold(server, [ada, bob]);
      expect(stays).to.deep.equal(['Bob joined', 'Ada joined', 'Dan joined', 'Dan CONNECTION_LOST']);
      other.thaw();
      await eventually('Dan is back', () => dan.joins === 2 && dan.live);
      expect((await expectAllTold(server, [ada, bob, dan])).slice(4)).to.deep.equal(['Dan joined']);
    });

    it('can resume by another connection at once, before anybody has noticed [P2] [P3] [P8]', async () => {
      const server = await ServerProcess.start(endings);
      const network = await TcpProxy.start(endings, server.address);
      const bob = await participant(server.address, 'Bob');
      const ada = await participant(network.address, 'Ada');
      network.freeze();
      bob.publish('into the dark');
      await bob.heard('into the dark');
      const again = new RawCaller(endings, server.address).chat();
      const { place } = ada;
      const taken = ada.events.length;
      again.askToJoin({ resume: place });
      expect(await again.joined()).to.include({ resumed: true });
      await again.heard('into the dark');
      again.publish('from the light', { ordinal: 1 });
      await bob.heard('from the light');
      network.thaw();
      await eventually('the old stream is told', () => ada.over);
      expect(ada.farewells).to.deep.equal([{ reason: 'TAKEN_OVER', resume: false }]);
      // What was on its way to the old stream may come to it now: nobody is to take it in any more.
      const both = { name: 'Ada', events: [...ada.events.slice(0, taken), ...again.events] };
      expectToldAsIn(await new RawCaller(endings, server.address).history(), [bob, both]);
      expect(comingsAndGoings(bob.events)).to.deep.equal(['Bob joined', 'Ada joined']);
    });
  });

  describe('by reading too slowly for what is said', () => {
    const text = '🎉'.repeat(120);

    /** How long messages of one take to another, one after the other, in milliseconds and in order. */
    async function latencies(speaker: ResumingParticipant, hearer: ResumingParticipant): Promise<number[]> {
      const taken: number[] = [];
      for (let number = 0; number < 60; number += 1) {
        const said = performance.now();
        const mark = `mark ${said}`;
        const heard = new Promise<void>((resolve) => {
          hearer.told = () => {
            if (hearer.events.findLast((event) => event.kind === 'message' && event.text === mark)) resolve();
          };
        });
        speaker.publish(mark);
        await heard;
        taken.push(performance.now() - said);
      }
      return taken.sort((a, b) => a - b);
    }

    it('lags and catches up without a gap, and keeps nobody waiting [T2] [P3] [P10]', async () => {
      const server = await ServerProcess.start(endings, { args: ['--publishes-per-second-max', '0'] });
      const network = await TcpProxy.start(endings, server.address);
      const [bob, cyd] = [await participant(server.address, 'Bob'), await participant(server.address, 'Cyd')];
      const slow = await participant(network.address, 'Slow');
      const before = await latencies(bob, cyd);
      network.bytesPerSecond = 50_000;
      for (let number = 1; number <= 4_000; number += 1) bob.publish(`${text} ${number}`);
      await cyd.heard(`${text} 4000`);
      const median = (sorted: number[]) => sorted[sorted.length / 2] ?? 0;
      const meanwhile = await latencies(bob, cyd);
      const lag = () => cyd.newest - slow.newest;
      expect(lag(), 'it lags').to.be.above(1_000);
      // Whoever waited for it would wait for seconds.
      expect(median(meanwhile)).to.be.below(10 * median(before) + 20);
      expect(slow.live && slow.resumes === 0).to.equal(true);
      network.bytesPerSecond = 0;
      await eventually('it catches up', () => lag() === 0, 20_000);
      expect(slow.resumes).to.equal(0);
      expect(await expectAllTold(server, [bob, cyd, slow])).to.have.length(3);
    });

    it('or not at all costs the server a bounded amount of memory, however many they are [P10] [P12]', async () => {
      const server = await ServerProcess.start(endings, {
        program: serverThatTellsItsMemory,
        args: ['--publishes-per-second-max', '0', '--log-level', 'warn'],
      });
      const [bob, cyd] = [await participant(server.address, 'Bob'), await participant(server.address, 'Cyd')];
      const streams = Array.from({ length: 3 }, () => new RawCaller(endings, server.address)).flatMap((caller) =>
        Array.from({ length: 15 }, () => caller.chat()),
      );
      await Promise.all(streams.map((stream, number) => stream.join(`Silent ${number}`)));
      for (const stream of streams) stream.stopReading();
      const before = await heldMib(server);
      const count = 12_000;
      for (let number = 1; number <= count; number += 1) {
        bob.publish(`${text} ${number}`);
        if (number % 50 === 0) await cyd.heard(`${text} ${number}`);
      }
      // Kept for them, what was said is 6 MiB and more.
      await eventually('it holds no more than before', async () => (await heldMib(server)) - before < 5);
      expect(streams.every(({ end }) => end === undefined)).to.equal(true);
      // All of one connection: what one leaves lying there keeps the others' from coming.
      const [behind, ...others] = streams.slice(0, 15);
      for (const stream of others) stream.readOn();
      behind?.readOn();
      await behind?.heard(`${text} ${count}`, 20_000);
      expectUnbroken(behind?.events ?? []);
      expect(await expectAllTold(server, [bob, cyd])).to.have.length(2 + streams.length);
    });
  });
});
