import { expect } from 'chai';
import { endedAfterEach } from './endings.js';
import { ServerProcess } from './server-process.js';

describe('a server that starts after another life', () => {
  const endings = endedAfterEach();

  const abruptEnds = (server: ServerProcess) =>
    server.records().filter(({ event }) => event === 'ended-without-farewell');

  for (const signal of ['SIGKILL', 'SIGABRT'] as const) {
    it(`says when that one was last seen, if it ended without farewell (${signal})`, async () => {
      const began = Date.now();
      const first = await ServerProcess.start(endings);
      expect(abruptEnds(first)).to.deep.equal([]);
      first.child.signal(signal);
      await first.child.ended;
      const ended = Date.now();

      const second = await ServerProcess.start(endings, { data: first.data });
      expect(abruptEnds(second)).to.have.length(1);
      const [{ level, lastSeen } = { level: 0, lastSeen: '' }] = abruptEnds(second);
      expect(level, 'a warning').to.equal(40);
      // The clock of the file system may be a tick behind.
      expect(Date.parse(lastSeen ?? '')).to.be.within(began - 1000, ended + 1000);

      expect(await second.stop()).to.equal(0);
      const third = await ServerProcess.start(endings, { data: first.data });
      expect(abruptEnds(third), 'the second was told to stop').to.deep.equal([]);
    });
  }

  it('says nothing of the kind where its log is in memory', async () => {
    const first = await ServerProcess.start(endings, { args: ['--memory'] });
    await first.kill();
    const second = await ServerProcess.start(endings, { data: first.data, args: ['--memory'] });
    expect(abruptEnds(second)).to.deep.equal([]);
  });

  it('still says it when a start between the two came to nothing', async () => {
    const first = await ServerProcess.start(endings);
    await first.kill();
    const other = await ServerProcess.start(endings);
    const refused = await ServerProcess.start(endings, { data: first.data, args: ['--listen', other.address] }).catch(
      (error: unknown) => error,
    );
    expect(refused).to.be.instanceOf(Error);
    const second = await ServerProcess.start(endings, { data: first.data });
    expect(abruptEnds(second)).to.have.length(1);
  });
});
