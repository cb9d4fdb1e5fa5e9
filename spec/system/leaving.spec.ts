import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { ClientProcess } from './client-process.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';
import { transcript } from './transcript.js';

describe('a client that leaves', () => {
  const endings = endedAfterEach();

  it('writes all that it received, however late its reader takes it [P3] [S7]', async () => {
    const earlier = await ServerProcess.start(endings, { args: ['--publishes-per-second-max', '0'] });
    const speaker = new RawCaller(endings, earlier.address).chat();
    await speaker.join('Speaker');
    const text = '🎉'.repeat(100);
    const count = 1_200;
    for (let number = 1; number <= count; number += 1) {
      if (!speaker.publish(`${text} ${number}`)) await speaker.drained();
    }
    await speaker.heard(`${text} ${count}`);
    await earlier.stop();
    // From the log the past comes in a few large responses, which all fit into a stream that nobody reads.
    const server = await ServerProcess.start(endings, { data: earlier.data });
    const caller = new RawCaller(endings, server.address);
    const slow = new ClientProcess(endings, server.address, {
      name: 'Slow',
      args: ['--history', '1000'],
      unread: true,
    });
    slow.child.closeInput();
    await eventually('Slow left', async () =>
      (await caller.historyPage('lobby', count, 1000)).events.some(
        ({ kind, participant }) => kind === 'left' && participant === 'Slow',
      ),
    );
    await slow.until('the end of the visit', () => slow.records().some(({ event }) => event === 'disconnect'));
    slow.child.read();
    expect(await slow.child.ended).to.equal(0);
    expect(slow.events).to.have.length(1_002);
    const all = await caller.history();
    expect(transcript(slow.events)).to.deep.equal(transcript(all.slice(-1_002)));
    expect(slow.events.at(-1)).to.include({ kind: 'left', participant: 'Slow' });
  });

  it('ends with 0 when the Left comes that the server owed because it could not write [S6] [P8]', async function () {
    this.timeout(60_000);
    const server = await ServerProcess.start(endings, {
      args: ['--publishes-per-second-max', '0'],
      fileKibMax: 1024,
    });
    const caller = new RawCaller(endings, server.address);
    const { session } = await caller.chat().join('Speaker');
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada' });
    await eventually('the log becomes full', async () => {
      for (let ordinal = 1; ; ordinal += 1) await caller.publish(session, '🎉'.repeat(128), ordinal);
    }).catch(() => {});
    ada.child.closeInput();
    await ada.until('she is refused', () => ada.child.errorLines.length > 0);
    expect(ada.child.errorLines).to.have.length(1);
    expect(ada.child.errorLines[0]).to.match(
      /^chit-client: The leave was refused: .*cannot write.* Hanging up instead\.$/,
    );
    execFileSync('prlimit', ['--fsize=unlimited', '--pid', String(server.child.pid)]);
    expect(await ada.child.ended).to.equal(0);
    expect(ada.events.at(-1)).to.include({ kind: 'left', participant: 'Ada', reason: 'ASKED' });
  });
});
