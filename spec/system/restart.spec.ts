import { expect } from 'chai';
import { verdictOf } from './acknowledged.js';
import { ClientProcess } from './client-process.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';
import { Talker } from './talker.js';
import { expectUnbroken, transcript } from './transcript.js';

const beginning = { sequence: 0, chain: '0000000000000000' };

describe('a server that is killed in the middle of a burst, and started again', function () {
  this.timeout(60_000);
  const endings = endedAfterEach();

  it('has every message that it acknowledged once, and goes on in sequence, time and chain [S4] [S8] [P1] [P4] [P7] [P8]', async () => {
    const server = await ServerProcess.start(endings, { args: ['--publishes-per-second-max', '0'] });
    const names = ['Ada', 'Bob', 'Cyd', 'Dan'];
    const talkers = names.map((name) => new Talker(new RawCaller(endings, server.address), name));
    const sessions = await Promise.all(talkers.map((talker) => talker.join()));
    const talks = talkers.map((talker, index) =>
      index % 2 ? talker.byCalls(sessions[index] ?? '', 'says') : talker.onChat('says', 32),
    );
    const acknowledged = () => talkers.reduce((sum, talker) => sum + talker.acknowledged, 0);
    await eventually('a burst', () => acknowledged() > 1000);
    await server.kill();
    await Promise.all(talks);

    const began = performance.now();
    const next = await ServerProcess.start(endings, { data: server.data });
    expect(performance.now() - began).to.be.below(5_000);
    const caller = new RawCaller(endings, next.address);
    const history = await caller.history();
    expectUnbroken(history, beginning);
    const seen = talkers.flatMap((talker) => talker.seen);
    expect(verdictOf(seen, history)).to.deep.equal({ lost: [], duplicated: [], disordered: [] });

    // One Left for each session of the earlier life, at its end, and nobody there.
    const left = history.slice(-names.length);
    expect(left.map(({ kind, participant }) => `${participant} ${kind}`).sort()).to.deep.equal(
      names.map((name) => `${name} left`),
    );
    expect(left.every((event) => event.kind === 'left' && event.reason === 'SERVER_RESTARTED')).to.equal(true);
    expect(history.filter(({ kind }) => kind === 'left')).to.have.length(names.length);
    expect(await caller.participants('lobby')).to.deep.equal([]);
    expect((await caller.rooms())[0]).to.include({ participants: 0, sequence: history.length });

    // The names are free, the clock goes on, and newcomers are shown the past.
    const ada = await ClientProcess.joined(endings, next.address, { name: 'Ada', args: ['--history', '500'] });
    ada.say('back again');
    await ada.heard('back again');
    expectUnbroken(ada.events, history[history.length - 501]);
    expect(transcript(ada.events.slice(0, 500))).to.deep.equal(transcript(history.slice(-500)));
    expect(ada.events.at(500)).to.include({ kind: 'joined', participant: 'Ada', sequence: history.length + 1 });
  });

  it('tells the clients of the earlier life that the connection is lost, who end if they are not to wait [S6]', async () => {
    const server = await ServerProcess.start(endings);
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada', args: ['--offline-max', '0'] });
    await server.kill();
    expect(await ada.child.ended).to.equal(3);
    expect(ada.child.errorLines.join('\n')).to.match(/connection is lost/);
  });

  it('knows what was published before it was killed when it is killed again at once [P4] [P8]', async () => {
    let server = await ServerProcess.start(endings);
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada', args: ['--offline-max', '0'] });
    ada.say('remember me');
    await ada.heard('remember me');
    const told = transcript(ada.events);
    for (let life = 2; life <= 4; life += 1) {
      await server.kill();
      server = await ServerProcess.start(endings, { data: server.data });
    }
    const history = await new RawCaller(endings, server.address).history();
    expectUnbroken(history, beginning);
    expect(transcript(history.slice(0, 2))).to.deep.equal(told);
    expect(history.slice(2).map(({ kind }) => kind)).to.deep.equal(['left']);
  });
});
