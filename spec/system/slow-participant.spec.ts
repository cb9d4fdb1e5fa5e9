import { expect } from 'chai';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';
import { expectUnbroken, transcript } from './transcript.js';

describe('participants who read slowly or not at all', () => {
  const endings = endedAfterEach();
  const count = 6_000;

  it('keep nobody else waiting, and get all of it without a gap when they read on [T2] [P3] [P10]', async function () {
    this.timeout(60_000);
    const server = await ServerProcess.start(endings, { args: ['--memory', '--publishes-per-second-max', '0'] });
    const visit = async (name: string) => {
      const chat = new RawCaller(endings, server.address).chat();
      await chat.join(name);
      return chat;
    };
    const speaker = await visit('Speaker');
    const readers = [await visit('Ada'), await visit('Bob')];
    const slow = await visit('Slow');
    slow.stopReading();
    const text = '🎉'.repeat(110);
    for (let number = 1; number <= count; number += 1) {
      if (!speaker.publish(`${text} ${number}`)) await speaker.drained();
    }
    const last = `${text} ${count}`;
    await Promise.all(readers.map((reader) => reader.heard(last, 30_000)));
    for (const reader of readers) {
      expectUnbroken(reader.events);
      expect(reader.events.filter(({ kind }) => kind === 'message')).to.have.length(count);
    }
    expect(slow.events.length).to.be.below(count / 2);
    expect(slow.end).to.equal(undefined);
    slow.readOn();
    await slow.heard(last, 30_000);
    expectUnbroken(slow.events, slow.welcome);
    const [ada] = readers;
    expect(transcript(slow.events)).to.deep.equal(transcript(ada?.events.slice(-slow.events.length) ?? []));
  });

  it('are cut off when they take nothing for too long, which all others are told once [T2] [S6] [P10] [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { stallMsMax: 500, publishesPerSecondMax: 0 });
    const speaker = new RawCaller(endings, server.address).chat();
    await speaker.join('Speaker');
    const slow = new RawCaller(endings, server.address).chat();
    await slow.join('Slow');
    slow.stopReading();
    const left = () => speaker.events.find(({ kind }) => kind === 'left');
    let number = 0;
    await eventually('Slow is cut off', async () => {
      for (let more = 0; more < 500 && !left(); more += 1) {
        number += 1;
        if (!speaker.publish(`${'🎉'.repeat(110)} ${number}`)) await speaker.drained();
      }
      return left();
    });
    expect(left()).to.include({ participant: 'Slow', reason: 'CONNECTION_LOST' });
    speaker.publish('all is well');
    await speaker.heard('all is well');
    expectUnbroken(speaker.events);
    expect(speaker.events.filter(({ kind }) => kind === 'left')).to.have.length(1);
    await eventually('the end of its stream', () => slow.end);
    expect(server.records().filter(({ event }) => event === 'cut')).to.have.length(1);
  });

  it('are cut off where all together have not taken too much: the one that was sent some longest ago, and no other [P10] [P12]', async function () {
    this.timeout(60_000);
    const server = await ServerProcess.withLimits(endings, { untakenBytesMax: 200_000, publishesPerSecondMax: 0 });
    const visit = async (name: string) => {
      const chat = new RawCaller(endings, server.address).chat();
      await chat.join(name);
      return chat;
    };
    const speaker = await visit('Speaker');
    const slow = [await visit('Ada'), await visit('Bob')];
    for (const one of slow) one.stopReading();
    const left = () => speaker.events.filter(({ kind }) => kind === 'left');
    let number = 0;
    await eventually('one is cut off', async () => {
      // So few at once that the speaker's own stream always takes what it is sent.
      for (let more = 0; more < 50; more += 1) {
        number += 1;
        speaker.publish(`${'🎉'.repeat(110)} ${number}`);
      }
      await speaker.heard(`${'🎉'.repeat(110)} ${number}`);
      return left()[0];
    });
    speaker.publish('all is well');
    await speaker.heard('all is well');
    expect(left()).to.have.length(1);
    const other = slow.find((_, index) => ['Ada', 'Bob'][index] !== left()[0]?.participant);
    other?.readOn();
    await other?.heard('all is well');
    expectUnbroken(other?.events ?? [], other?.welcome);
    const cuts = server.records().filter(({ event }) => event === 'cut');
    expect(cuts).to.have.length(1);
    expect(cuts[0]).to.include({ wait: 'stall', limit: 'untakenBytesMax' });
  });
});
