import { expect } from 'chai';
import { ClientProcess } from './client-process.js';
import { endedAfterEach } from './endings.js';
import { joined, type Person } from './person.js';
import { ServerProcess } from './server-process.js';
import { TcpProxy } from './tcp-proxy.js';

describe('chit-client in a terminal whose connection is lost', () => {
  const endings = endedAfterEach();

  /** How often a row of the conversation ends like this, on the screen or scrolled out of it. */
  function shown({ terminal }: Person, end: string): number {
    return terminal.allRows.filter((row) => row.endsWith(end)).length;
  }

  it('shows since when, marks what is typed, and sends each line once when the server is back [P3] [P5] [P6]', async () => {
    const server = await ServerProcess.start(endings);
    const proxy = await TcpProxy.start(endings, server.address);
    const ada = await joined(endings, proxy.address, 'ada');
    const bob = await ClientProcess.joined(endings, proxy.address, { name: 'bob' });
    await ada.terminal.until('Participant bob joined');
    ada.terminal.type('before\r');
    await bob.heard('before');

    await server.kill();
    await ada.terminal.until(/offline since \d\d:\d\d:\d\d, (next try in \d s|trying …)/);
    ada.terminal.type('first\rsecond\rhalf a sen');
    await ada.terminal.until(/… not sent yet: first\n… not sent yet: second\nlobby .*offline since .*\n> half a sen/);
    // The rows above the status and the cursor in the input line stay where they belong in a narrow terminal too.
    ada.terminal.resize(40, 20);
    await ada.terminal.until(
      /… not sent yet: first\n… not sent yet: second\nlobby · 2 here · offline, .*\n> half a sen/,
    );
    await ada.terminal.until(() => ada.terminal.cursor.column === 12);
    ada.terminal.resize(80, 24);

    const again = await ServerProcess.start(endings, { data: server.data });
    proxy.target = again.address;
    await bob.heard('second', 20_000);
    await ada.terminal.until(/ada: first\n\[\d+\] ada: second\n/);
    // Both parts of the screen are drawn when it is their turn.
    await ada.terminal.until(
      () => / · connected\n> half a sen$/.test(ada.terminal.text) && !ada.terminal.text.includes('not sent yet'),
    );
    // On the screen: being resized, the terminal has kept what it showed before above that.
    for (const end of ['ada: before', 'ada: first', 'ada: second', '-- Connected again.']) {
      expect(
        ada.terminal.rows.filter((row) => row.endsWith(end)),
        end,
      ).to.have.length(1);
    }
    expect(bob.texts).to.deep.equal(['before', 'first', 'second']);
  });

  it('shows what was said meanwhile once, and one notice for each loss, however often it is tried [P3]', async () => {
    const server = await ServerProcess.start(endings);
    const proxy = await TcpProxy.start(endings, server.address);
    const ada = await joined(endings, proxy.address, 'ada');
    const bob = await ClientProcess.joined(endings, server.address, { name: 'bob' });
    await ada.terminal.until('Participant bob joined');
    for (const round of [1, 2]) {
      const before = proxy.refused;
      proxy.refuse(true);
      proxy.cut();
      await ada.terminal.until('offline since');
      bob.say(`meanwhile ${round}`);
      await bob.heard(`meanwhile ${round}`);
      ada.terminal.type(`typed ${round}\r`);
      await ada.terminal.until(`… not sent yet: typed ${round}`);
      await ada.terminal.until(() => proxy.refused >= before + 3 - round);
      proxy.refuse(false);
      await bob.heard(`typed ${round}`, 20_000);
      await ada.terminal.until(new RegExp(`ada: typed ${round}\n(.|\n)*connected\n>`));
    }
    await ada.terminal.until(() => !ada.terminal.text.includes('not sent yet'));
    for (const round of [1, 2]) {
      for (const end of [`bob: meanwhile ${round}`, `ada: typed ${round}`]) expect(shown(ada, end), end).to.equal(1);
    }
    const notices = ada.terminal.allRows.filter((row) => row.startsWith('-- '));
    expect(notices.filter((row) => /connection is lost/.test(row))).to.have.length(2);
    expect(notices.filter((row) => row === '-- Connected again.')).to.have.length(2);
    expect(bob.events.filter(({ kind }) => kind !== 'message')).to.have.length(1);
  });

  it('tells what was not sent when it is ended without a connection', async () => {
    const server = await ServerProcess.start(endings);
    const { terminal } = await joined(endings, server.address, 'ada');
    await server.kill();
    await terminal.until('offline since');
    terminal.type('one\rtwo\r');
    await terminal.until('… not sent yet: two');
    terminal.type('\x03');
    await terminal.until('leaving …');
    terminal.type('\x03');
    expect(await terminal.exit(), terminal.text).to.equal(130);
    expect(terminal.text.replace(/\s+/g, ' ')).to.match(
      /-- Not sent: one \(you ended .*\) -- Not sent: two \(you ended [^-]*\)$/,
    );
  });
});
