import { expect } from 'chai';
import { ClientProcess } from './client-process.js';
import { endedAfterEach } from './endings.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';
import { expectUnbroken } from './transcript.js';

describe('participants who leave and who drop out', () => {
  const endings = endedAfterEach();

  async function witnessed(server: ServerProcess): Promise<(participant: string, ms?: number) => Promise<string>> {
    const witness = new RawCaller(endings, server.address).chat();
    await witness.join('Witness');
    return async (participant, ms) => {
      const left = await witness.event(
        `${participant} left`,
        (event) => event.kind === 'left' && event.participant === participant,
        ms,
      );
      const lefts = witness.events.filter((event) => event.kind === 'left' && event.participant === participant);
      expect(lefts).to.have.length(1);
      return left.kind === 'left' ? left.reason : '';
    };
  }

  it('tells of an idle client that is killed that its connection was lost, not that it asked to leave [S6] [P8]', async () => {
    const server = await ServerProcess.start(endings, { args: ['--grace', '300ms'] });
    const left = await witnessed(server);
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada' });
    await ada.kill();
    expect(await left('Ada')).to.equal('CONNECTION_LOST');
    // Her name is free again.
    await ClientProcess.joined(endings, server.address, { name: 'Ada' });
  });

  it('tells of who ends the input, who is asked to stop and who closes the requests that they left [S6]', async () => {
    const server = await ServerProcess.start(endings);
    const left = await witnessed(server);
    const [ada, bob] = await Promise.all([
      ClientProcess.joined(endings, server.address, { name: 'Ada' }),
      ClientProcess.joined(endings, server.address, { name: 'Bob' }),
    ]);
    expect(await ada.leave()).to.equal(0);
    expect(await left('Ada')).to.equal('ASKED');
    bob.child.signal('SIGTERM');
    expect(await left('Bob')).to.equal('ASKED');
    expect(await bob.child.ended).to.equal(0);
    expect(bob.events.at(-1)).to.include({ kind: 'left', participant: 'Bob' });
    const cyd = new RawCaller(endings, server.address).chat();
    await cyd.join('Cyd');
    cyd.halfClose();
    expect(await cyd.ended()).to.include({ code: 0 });
    expect(cyd.events.at(-1)).to.include({ kind: 'left', participant: 'Cyd', reason: 'ASKED' });
    expect(await left('Cyd')).to.equal('ASKED');
  });

  it('notices a client whose process is stopped, or whose network is gone, by its silence [S6] [P10]', async () => {
    const server = await ServerProcess.withLimits(endings, { keepaliveMs: 500, keepaliveTimeoutMs: 500, graceMs: 300 });
    const left = await witnessed(server);
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada' });
    const stopped = performance.now();
    ada.child.signal('SIGSTOP');
    expect(await left('Ada', 10_000)).to.equal('CONNECTION_LOST');
    expect(performance.now() - stopped).to.be.greaterThan(400);
    // Back again, she is told what she missed, and joins anew.
    ada.child.signal('SIGCONT');
    await ada.until('Ada is in again', () => ada.events.filter(({ kind }) => kind === 'joined').length === 2);
    expectUnbroken(ada.events);
    expect(ada.events.map(({ kind }) => kind)).to.deep.equal(['joined', 'left', 'joined']);
    expect(ada.child.errorLines.join('\n')).to.match(/connection is lost.*\n.*Connected again/);
    expect(await ada.leave()).to.equal(0);
  });
});
