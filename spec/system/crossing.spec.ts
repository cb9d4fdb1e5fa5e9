import { expect } from 'chai';
import { endedAfterEach } from './endings.js';
import { joined } from './person.js';
import { ServerProcess } from './server-process.js';
import { TcpProxy } from './tcp-proxy.js';

describe('Two people at terminals, with a real server', () => {
  const endings = endedAfterEach();

  it('see which messages crossed in flight, why, and by four words that they saw the same', async () => {
    const server = await ServerProcess.start(endings);
    const proxy = await TcpProxy.start(endings, server.address);
    const { terminal: ada } = await joined(endings, server.address, 'ada', { columns: 140 });
    const { terminal: bob } = await joined(endings, proxy.address, 'bob', { columns: 140 });
    await ada.until('Participant bob joined');

    proxy.freeze();
    ada.type('tea or coffee?\r');
    await ada.until('] ada: tea or coffee?');
    bob.type('good morning\r');
    await bob.until('not sent yet: good morning');
    proxy.thaw();
    for (const terminal of [ada, bob])
      await terminal.until(/\[\d+\] ada: tea or coffee\?\n\[\d+\]~bob: good morning\n/);

    ada.type('/why\r');
    await ada.until(/Concurrent with it, .*: \[\d+\] ada: tea or coffee\?\n/);
    bob.type('/why\r');
    await bob.until(/Your clock was \d+ when you sent it\./);

    const words = /At \[\d+\], event 4: (\w+ \w+ \w+ \w+) /;
    for (const terminal of [ada, bob]) {
      terminal.type('/fingerprint\r');
      await terminal.until(words);
    }
    expect(words.exec(ada.text)?.[1]).to.equal(words.exec(bob.text)?.[1]);
  });
});
