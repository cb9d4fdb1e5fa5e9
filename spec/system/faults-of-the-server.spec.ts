import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import type { ResumePlace } from '../../lib/codec/messages.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { verdictOf } from './acknowledged.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller, type RawChat } from './raw-caller.js';
import { expectStatus, refusal } from './refusal.js';
import { ResumingParticipant } from './resuming-participant.js';
import { ServerProcess } from './server-process.js';
import { TcpProxy } from './tcp-proxy.js';
import { comingsAndGoings, expectToldAsIn } from './told-as-in-history.js';
import { expectUnbroken, transcript } from './transcript.js';

const beginning = { sequence: 0, chain: '0000000000000000' };
const noRate = ['--publishes-per-second-max', '0'];

describe('participants whose server fails', () => {
  const endings = endedAfterEach();

  function participant(server: string, name: string): ResumingParticipant {
    return new ResumingParticipant(endings, { name, server });
  }

  async function joined(server: string, name: string): Promise<ResumingParticipant> {
    const one = participant(server, name);
    await one.join();
    return one;
  }

  describe('by kill -9 in the middle of a burst', function () {
    this.timeout(60_000);

    it('go on where they were: no gap, no duplicate, nothing twice that they said again, nobody told [P1] [P2] [P3] [P4] [P5] [P6] [P7] [P8]', async () => {
      let server = await ServerProcess.start(endings, { args: noRate });
      const { data } = server;
      const network = await TcpProxy.start(endings, server.address);
      const talkers = ['Ada', 'Bob', 'Cyd', 'Dan'].map((name) => participant(network.address, name));
      for (const talker of talkers) await talker.join();
      const underWay = 32;
      let talking = true;
      for (const talker of talkers) {
        const talk = () => {
          while (talking && talker.unanswered < underWay) talker.publish(`${talker.name} ${talker.unanswered}`);
        };
        talker.told = talk;
        talk();
      }
      const said = () => talkers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
      for (let life = 2; life <= 3; life += 1) {
        const before = said();
        await eventually('a burst', () => said() > before + 500);
        network.refuse(true);
        await server.kill();
        const began = performance.now();
        server = await ServerProcess.start(endings, { data, args: noRate });
        network.target = server.address;
        network.refuse(false);
        await eventually('everybody is back', () => talkers.every(({ live, resumes }) => live && resumes >= life - 1));
        expect(performance.now() - began, 'back in time').to.be.below(5_000);
      }
      const again = said();
      await eventually('everybody talks on', () => said() > again + 500);
      talking = false;
      await eventually('all is answered', () => talkers.every(({ unanswered }) => unanswered === 0));
      const caller = new RawCaller(endings, server.address);
      const history = await caller.history();
      await eventually('all is told', () => talkers.every(({ newest }) => newest === history.length));

      expectToldAsIn(history, talkers);
      expect(comingsAndGoings(history)).to.deep.equal(['Ada joined', 'Bob joined', 'Cyd joined', 'Dan joined']);
      for (const { name, acknowledged, joins, refusals } of talkers) {
        expect({ joins, refusals }).to.deep.equal({ joins: 1, refusals: [] });
        const own = history.filter((event) => event.kind === 'message' && event.participant === name);
        // Each once, in the order of saying.
        expect(own.map((event) => event.kind === 'message' && event.ordinal)).to.deep.equal([...acknowledged.keys()]);
        expect([...acknowledged.keys()]).to.deep.equal(own.map((_, index) => index + 1));
        for (const { event, sent } of acknowledged.values()) expect(event.lamport).to.be.greaterThan(sent);
      }

      for (const talker of talkers) talker.leave();
      await eventually('everybody has left', () => talkers.every(({ over }) => over));
      const left = comingsAndGoings((await caller.history()).slice(history.length)).sort();
      expect(left).to.deep.equal(['Ada ASKED', 'Bob ASKED', 'Cyd ASKED', 'Dan ASKED']);
    });

    it('who do not come back leave once, after their grace; who comes with another’s place is told so [P8] [P11]', async () => {
      const args = ['--grace', '1s'];
      const server = await ServerProcess.start(endings, { args });
      const network = await TcpProxy.start(endings, server.address);
      const [ada, bob] = [await joined(network.address, 'Ada'), await joined(network.address, 'Bob')];
      network.refuse(true);
      bob.stop();
      await server.kill();
      const next = await ServerProcess.start(endings, { data: server.data, args });
      network.target = next.address;
      network.refuse(false);
      const isBobs = ({ kind, participant: name }: RoomEvent) => kind === 'left' && name === 'Bob';
      await eventually('Bob left', () => ada.events.find(isBobs));
      ada.publish('alone');
      await ada.heard('alone');
      const caller = new RawCaller(endings, next.address);
      expectToldAsIn(await caller.history(), [ada]);
      expect(comingsAndGoings(ada.events)).to.deep.equal(['Ada joined', 'Bob joined', 'Bob SERVER_RESTARTED']);
      const forked = caller.chat();
      forked.askToJoin({ resume: { ...(ada.place as ResumePlace), chain: '0123456789abcdef' } });
      expectStatus(await forked.ended(), status.FAILED_PRECONDITION, 'HISTORY_LOST');
    });
  });

  it('repeat what they do not know the fate of over kill -9 and SIGTERM, and it is published once [P5]', async () => {
    let server = await ServerProcess.start(endings);
    let caller = new RawCaller(endings, server.address);
    const stream = caller.chat();
    stream.askToJoin({ name: 'Ada', resumable: true });
    const { session } = await stream.joined();
    const plain = caller.chat();
    const { session: ended } = await plain.join('Bob');
    const [first, other] = [await caller.publish(session, 'once', 1), await caller.publish(ended, 'Bob’s', 1)];
    stream.publish('by Chat', { ordinal: 2 });
    const second = await stream.heard('by Chat');
    for (const end of ['kill', 'stop'] as const) {
      await server[end]();
      server = await ServerProcess.start(endings, { data: server.data });
      caller = new RawCaller(endings, server.address);
      for (let again = 1; again <= 2; again += 1) {
        expect(await caller.publish(session, 'once', 1)).to.deep.equal({ event: first.event, duplicate: true });
        expect(await caller.publish(session, 'by Chat', 2)).to.deep.equal({ event: second, duplicate: true });
        // His session is over, what he said is not.
        expect(await caller.publish(ended, 'Bob’s', 1)).to.deep.equal({ event: other.event, duplicate: true });
      }
      const never = refusal(caller.publish(ended, 'never', 2));
      expectStatus(await never, status.NOT_FOUND, 'SESSION_UNKNOWN', 2);
    }
    expect(await caller.publish(session, 'and on', 3)).to.include({ duplicate: false });
    const history = await caller.history();
    expectUnbroken(history, beginning);
    const texts = history.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
    expect(texts).to.deep.equal(['once', 'Bob’s', 'by Chat', 'and on']);
    expect(comingsAndGoings(history)).to.deep.equal(['Ada joined', 'Bob joined', 'Bob SERVER_RESTARTED']);
  });

  it('by SIGTERM are told who may resume, within 5 s, and those do so at its next start [P3] [P8]', async () => {
    const server = await ServerProcess.start(endings);
    const network = await TcpProxy.start(endings, server.address);
    const ada = await joined(network.address, 'Ada');
    const plain = new RawCaller(endings, server.address).chat();
    await plain.join('Bob');
    plain.publish('the last words');
    await ada.heard('the last words');
    network.refuse(true);
    const began = performance.now();
    expect(await server.stop()).to.equal(0);
    expect(performance.now() - began).to.be.below(5_000);
    await eventually('her farewell', () => ada.farewells.length > 0);
    expect(ada.farewells).to.deep.equal([{ reason: 'SERVER_STOPPING', resume: true }]);
    expect(await plain.ended()).to.include({
      code: status.UNAVAILABLE,
      details: 'The server is stopping. Connect again later.',
    });
    expect(plain.farewell).to.deep.equal({ reason: 'SERVER_STOPPING', resume: false });

    // What she says now goes out when she is back.
    ada.publish('said in between');
    const next = await ServerProcess.start(endings, { data: server.data });
    network.target = next.address;
    network.refuse(false);
    await ada.heard('said in between');
    expect(ada).to.include({ joins: 1, resumes: 1, unanswered: 0 });
    const history = await new RawCaller(endings, next.address).history();
    expectToldAsIn(history, [ada]);
    expect(comingsAndGoings(history)).to.deep.equal(['Ada joined', 'Bob joined', 'Bob SERVER_RESTARTED']);
  });

  it('by a store that was wiped or set back are told so, and not served another’s history [P1] [P11]', async () => {
    const args = ['--grace', '60s'];
    const first = await ServerProcess.start(endings, { args });
    const ada = await joined(first.address, 'Ada');
    ada.publish('kept');
    await ada.heard('kept');
    const kept = ada.place;
    ada.stop();
    await first.stop();
    const older = join(temporaryDirectory(endings), 'older');
    cpSync(first.data, older, { recursive: true });

    const resumed = (server: ServerProcess, place: ResumePlace | undefined): RawChat => {
      const chat = new RawCaller(endings, server.address).chat();
      chat.askToJoin({ resume: place });
      return chat;
    };
    const second = await ServerProcess.start(endings, { args, data: first.data });
    const went = resumed(second, kept);
    went.publish('forgotten', { ordinal: 2 });
    const { sequence, chain } = await went.heard('forgotten');
    const forgotten = kept && { ...kept, sequence, chain };
    await second.kill();

    const setBack = await ServerProcess.start(endings, { args, data: older });
    const expectLost = async (server: ServerProcess) => {
      expectStatus(await resumed(server, forgotten).ended(), status.FAILED_PRECONDITION, 'HISTORY_LOST');
    };
    await expectLost(setBack);
    const stranger = await joined(setBack.address, 'Stranger');
    stranger.publish('something else');
    await stranger.heard('something else');
    expect(stranger.newest, 'it is as far again').to.be.at.least(sequence);
    await expectLost(setBack);
    // From where both histories are one, she may go on.
    expect(await resumed(setBack, kept).joined()).to.include({ resumed: true, ordinal: 1 });
    await expectLost(await ServerProcess.start(endings));
  });

  describe('by a disk that is full', function () {
    this.timeout(60_000);

    function limitFiles(server: ServerProcess, bytes: string): void {
      execFileSync('prlimit', [`--fsize=${bytes}:unlimited`, '--pid', String(server.child.pid)]);
    }

    it('read and resume while it takes nothing, and who was waited for in vain leaves when it does again [P3] [P4] [P8] [P9]', async () => {
      const server = await ServerProcess.start(endings, { args: [...noRate, '--grace', '1s'] });
      const network = await TcpProxy.start(endings, server.address);
      const late = await TcpProxy.start(endings, server.address);
      const [ada, bob] = [participant(network.address, 'Ada'), participant(network.address, 'Bob')];
      const [cyd, dan] = [participant(server.address, 'Cyd'), participant(late.address, 'Dan')];
      for (const one of [ada, bob, cyd, dan]) await one.join();
      cyd.publish('before');
      for (const one of [ada, bob, cyd, dan]) await one.heard('before');
      // No frame of a segment can be written from here on, however small an event is.
      limitFiles(server, '512');
      const caller = new RawCaller(endings, server.address);
      cyd.publish('refused');
      await eventually('his refusal', () => cyd.refusals.length > 0);
      expect(cyd.refusals[0]).to.include({ reason: 'READ_ONLY' });
      const read = await caller.history();

      // Ada comes back, Bob and Dan do not: their grace ends while nothing can be written.
      bob.stop();
      late.refuse(true);
      late.cut();
      network.cut();
      await eventually('Ada is back', () => ada.resumes === 1);
      const awaitedInVain = () => server.records().filter(({ event }) => event === 'log-unwritable').length;
      const refused = awaitedInVain();
      await eventually('their Lefts are tried', () => awaitedInVain() > refused + 1);
      // Dan comes late, but nobody was told that he had left: so he has not.
      late.refuse(false);
      await eventually('Dan is back', () => dan.resumes === 1);
      ada.publish('refused');
      await eventually('her refusal', () => ada.refusals.length > 0);
      expect(ada.refusals[0]).to.include({ reason: 'READ_ONLY' });
      expect(transcript(await caller.history())).to.deep.equal(transcript(read));

      limitFiles(server, 'unlimited');
      const isBobs = ({ kind, participant: name }: RoomEvent) => kind === 'left' && name === 'Bob';
      await eventually('Bob’s Left', () => ada.events.some(isBobs) && cyd.events.some(isBobs));
      for (let trial = 1; ada.acknowledged.size === 0; trial += 1) {
        ada.publish(`trial ${trial}`);
        await eventually('an answer', () => ada.unanswered === 0);
      }
      dan.publish('I am still here');
      for (const one of [ada, cyd, dan]) await one.heard('I am still here');
      const history = await caller.history();
      await eventually('all is told', () => [ada, cyd, dan].every(({ newest }) => newest === history.length));
      expectToldAsIn(history, [ada, cyd, dan]);
      expect(verdictOf(read, history)).to.deep.include({ lost: [], duplicated: [] });
      const joined = ['Ada joined', 'Bob joined', 'Cyd joined', 'Dan joined'];
      expect(comingsAndGoings(history)).to.deep.equal([...joined, 'Bob CONNECTION_LOST']);
      expect(history.some((event) => event.kind === 'message' && event.text === 'refused')).to.equal(false);
    });
  });
});
