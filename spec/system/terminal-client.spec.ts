import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ClientProcess } from './client-process.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { joined, sitDown } from './person.js';
import { ServerProcess } from './server-process.js';

describe('chit-client in a terminal, with a real server', () => {
  const endings = endedAfterEach();

  it('lets three people talk: each sees all at the same logical times, in the same order [S2] [S4] [S5] [S6]', async () => {
    const { address } = await ServerProcess.start(endings, { args: ['--grace', '500ms'] });
    const ada = await joined(endings, address, 'ada');
    const bob = await joined(endings, address, 'bob');
    const eve = await joined(endings, address, 'eve');
    const everybody = [ada, bob, eve];
    for (const { terminal } of everybody) await terminal.until('3 here: ada, bob, eve');
    ada.terminal.type('hello from ada\r');
    bob.terminal.type('hello from bob\r');
    eve.terminal.type('hello from 李雷 👩‍👩‍👧\r');
    for (const { terminal } of everybody) {
      for (const text of ['ada: hello from ada', 'bob: hello from bob', 'eve: hello from 李雷 👩‍👩‍👧']) {
        await terminal.until(text);
      }
    }
    const messages = everybody.map(({ terminal }) => terminal.rows.filter((row) => row.includes('hello from')));
    expect(messages[0]).to.have.length(3);
    expect(messages[1]).to.deep.equal(messages[0]);
    expect(messages[2]).to.deep.equal(messages[0]);

    eve.terminal.type('/quit\r');
    expect(await eve.terminal.exit()).to.equal(0);
    bob.terminal.kill('SIGKILL');
    await bob.terminal.exit();
    await ada.terminal.until(/Participant eve left Chit Chat at logical time \d+\n/);
    await ada.terminal.until(/Participant bob left Chit Chat at logical time \d+\n/);
    await ada.terminal.until('1 here: ada');
  });

  it('writes content and logical time of what it shows to its log file [S7]', async () => {
    const { address } = await ServerProcess.start(endings);
    const { terminal, logFile } = await joined(endings, address, 'ada');
    terminal.type('/me\r');
    await terminal.until(() => terminal.text.replace(/\s+/g, '').includes(logFile));
    terminal.type('hello 中文\r');
    await terminal.until('ada: hello 中文');
    terminal.type('\x03');
    expect(await terminal.exit()).to.equal(0);
    const records = readFileSync(logFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const received = records.filter(({ event }) => event === 'receive');
    expect(received.map(({ kind }) => kind)).to.deep.equal(['joined', 'message', 'left']);
    expect(received[1]).to.include({ text: 'hello 中文', participant: 'ada', room: 'lobby' });
    expect(terminal.text).to.contain(`[${received[1].lamport}] ada: hello 中文`);
  });

  it('keeps what is being typed while others talk, in a terminal that is being resized [S7]', async () => {
    const { address } = await ServerProcess.start(endings);
    const { terminal } = await joined(endings, address, 'ada');
    const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
    await terminal.until('Participant bob joined');
    terminal.type('half a 中文 sentence');
    await terminal.until(() => terminal.inputRow === '> half a 中文 sentence');
    for (let index = 1; index <= 60; index++) bob.say(`message ${index}`);
    terminal.resize(40, 20);
    await terminal.until(() => /bob: message [3-6]\d/.test(terminal.text));
    terminal.resize(100, 30);
    await terminal.until('bob: message 60');
    await terminal.until(() => terminal.inputRow === '> half a 中文 sentence' && terminal.cursor.column === 22);
    terminal.type('!\r');
    await terminal.until('ada: half a 中文 sentence!');
    await bob.heard('half a 中文 sentence!');
  });

  it('sends and shows what was typed before it began to read, in order, and nothing of it is lost', async () => {
    const { address } = await ServerProcess.start(endings);
    const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
    const { terminal } = sitDown(endings, address, 'ada');
    terminal.kill('SIGSTOP');
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}, typed ahead`);
    // Until then the terminal itself edits: it erases a character (DEL) and a line (Ctrl-U).
    terminal.type(`${lines.join('\r')}\rwrog\x7fng\x15half a 中文 lixe\x7f\x7fne\x1b[D`);
    terminal.kill('SIGCONT');
    await bob.heard(lines.at(-1) ?? '');
    expect(bob.texts.filter((text) => text.includes('typed ahead'))).to.deep.equal(lines);
    await terminal.until(() => terminal.inputRow === '> half a 中文 line' && terminal.cursor.column === 17);
    terminal.type('\x05!\r');
    await bob.heard('half a 中文 line!');
  });

  it('leaves where Ctrl-D was typed before it began to read, and only there takes Ctrl-Space for it', async () => {
    const { address } = await ServerProcess.start(endings);
    const early = sitDown(endings, address, 'ada').terminal;
    early.kill('SIGSTOP');
    early.type('one\r\x04');
    early.kill('SIGCONT');
    expect(await early.exit()).to.equal(0);
    expect(early.text).to.match(/ada: one\n(.*\n)*Participant ada left Chit Chat/);
    const { terminal } = await joined(endings, address, 'bob');
    terminal.type('\0still here\r');
    await terminal.until('bob: still here');
  });

  it('sends 128 characters of anything, and not 129 [S3]', async () => {
    const { address } = await ServerProcess.start(endings);
    const { terminal } = await joined(endings, address, 'ada', { rows: 40 });
    const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
    const family = '👩‍👩‍👧';
    const texts = ['😀'.repeat(128), '中'.repeat(128), `${family.repeat(25)}e\u0301x`, 'x'.repeat(128)];
    for (const text of texts) {
      terminal.type(`${text}\r`);
      await bob.heard(text);
    }
    terminal.type(`${'😀'.repeat(129)}\r`);
    await terminal.until('Not sent: a message has at most 128 characters. Shorten it.');
    terminal.type('\x7f\r');
    await bob.until('the shortened one', () => bob.texts.filter((text) => text === texts[0]).length === 2);
  });

  it('is not moved or reordered by what a peer is allowed to send [S7]', async () => {
    const { address } = await ServerProcess.start(endings);
    const { terminal } = await joined(endings, address, 'ada', { columns: 100 });
    const eve = await ClientProcess.joined(endings, address, { name: 'eve' });
    await terminal.until('Participant eve joined');
    const before = terminal.rows.slice(0, 2);
    // Control characters are refused by the server already; these are not.
    eve.say('abc\u202edef', 'a\u2066b\u200bc', 'line\u2028end', `a${'\u0301'.repeat(100)}`, 'tab\tstop', 'the end');
    await terminal.until('eve: the end');
    expect(terminal.rows.slice(0, 2)).to.deep.equal(before);
    for (const shown of ['abc\\u{202e}def', 'a\\u{2066}b\\u{200b}c', 'line\\u{2028}end', 'tab    stop']) {
      expect(terminal.text).to.contain(`eve: ${shown}\n`);
    }
    await terminal.until(() => terminal.inputRow === '>');
  });

  it('answers its commands from the server', async () => {
    const { address } = await ServerProcess.start(endings);
    const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
    bob.say('one', 'two', 'three');
    await bob.heard('three');
    const { terminal } = await joined(endings, address, 'ada', { args: ['--history', '0'] });
    await ClientProcess.joined(endings, address, { name: 'eve', room: 'kitchen' });
    for (const [command, answer] of [
      ['/who', '-- 2 in lobby: bob, ada'],
      ['/rooms', '-- kitchen: 1 here'],
      ['/history 2', /-- 2 earlier events:\n\[\d+\] bob: two\n\[\d+\] bob: three\n-- Now again/],
      ['/history', /-- 2 earlier events:\nParticipant bob joined .*\n\[\d+\] bob: one\n-- Now again/],
      ['/help', '-- Pasted line ends become spaces'],
      ['/me', `-- You are ada in lobby on ${address}.`],
      ['/nope', '-- There is no command /nope.'],
      ['//nope', 'ada: /nope'],
    ] as const) {
      terminal.type(`${command}\r`);
      await terminal.until(answer);
    }
    await bob.heard('/nope');
    expect(bob.texts).to.deep.equal(['one', 'two', 'three', '/nope']);
  });

  it('shows earlier events when it starts, as many as asked for', async () => {
    const { address } = await ServerProcess.start(endings);
    const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
    bob.say('one', 'two', 'three');
    await bob.heard('three');
    const { terminal } = await joined(endings, address, 'ada', { args: ['--history', '2'] });
    expect(terminal.text).to.match(/help.*\n\[\d+\] bob: two\n\[\d+\] bob: three\nParticipant ada joined/);
  });

  it('is the same whatever the environment says of build machines, and its commands are for nobody else', async () => {
    const { address } = await ServerProcess.start(endings);
    const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
    const builds: readonly Record<string, string>[] = [
      { CI_JOB_ID: '1' },
      { CI_ANYTHING: '' },
      { CI: 'true', CI_COMMIT_SHA: 'abc', CONTINUOUS_INTEGRATION: 'true', GITHUB_ACTIONS: 'true' },
    ];
    for (const [index, env] of builds.entries()) {
      const { terminal } = await joined(endings, address, `ada-${index}`, { env });
      terminal.type('/help\r');
      await terminal.until('-- Pasted line ends become spaces');
      terminal.type('/who\r');
      await terminal.until(`-- 2 in lobby: bob, ada-${index}`);
      terminal.type(`said ${index}\r`);
      await terminal.until(`ada-${index}: said ${index}`);
      terminal.type('/quit\r');
      expect(await terminal.exit()).to.equal(0);
      await bob.told('left', `ada-${index}`);
    }
    expect(bob.texts).to.deep.equal(builds.map((_, index) => `said ${index}`));
  });

  for (const [what, start] of [
    ['cannot be drawn on', { env: { TERM: 'dumb', CI_JOB_ID: '1' } }],
    ['is to have JSON', { args: ['--json'], env: { CI_JOB_ID: '1' } }],
  ] as const) {
    it(`says no command to the room where the terminal ${what}`, async () => {
      const { address } = await ServerProcess.start(endings);
      const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
      const { terminal } = sitDown(endings, address, 'ada', { ...start, columns: 200 });
      await bob.told('joined', 'ada');
      terminal.type('/help\r');
      await terminal.until('chit-client: /help needs a terminal that can be drawn on.');
      terminal.type('/nope\r');
      await terminal.until('chit-client: There is no command /nope.');
      terminal.type('//help\rsaid\r/quit\r');
      expect(await terminal.exit()).to.equal(0);
      await bob.told('left', 'ada');
      expect(bob.texts).to.deep.equal(['/help', 'said']);
    });
  }

  it('has no colour with NO_COLOR', async () => {
    const { address } = await ServerProcess.start(endings);
    const { terminal } = await joined(endings, address, 'ada', { env: { NO_COLOR: '1' } });
    terminal.type('hello\r/nope\r');
    await terminal.until('no command /nope');
    expect(terminal.coloured).to.equal(false);
    expect((await joined(endings, address, 'bob')).terminal.coloured).to.equal(true);
  });

  it('says why the visit ended when the server stops or is gone, and ends with 3', async () => {
    for (const [signal, reason] of [
      ['SIGTERM', /-- The server is stopping\./],
      ['SIGKILL', /-- The connection is lost/],
    ] as const) {
      const server = await ServerProcess.start(endings);
      const { terminal } = await joined(endings, server.address, 'ada', { args: ['--offline-max', '0'] });
      server.child.signal(signal);
      expect(await terminal.exit()).to.equal(3);
      expect(terminal.text).to.match(reason);
    }
  });

  it('leaves when it is told to by a signal [S6]', async () => {
    const { address } = await ServerProcess.start(endings);
    const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
    const { terminal } = await joined(endings, address, 'ada');
    terminal.kill('SIGTERM');
    expect(await terminal.exit()).to.equal(0);
    await bob.told('left', 'ada');
    expect(bob.events.at(-1)).to.include({ participant: 'ada', reason: 'ASKED' });
  });

  it('says in one line that the name is taken, and ends with 1 [P9]', async () => {
    const { address } = await ServerProcess.start(endings);
    await joined(endings, address, 'ada');
    const { terminal } = sitDown(endings, address, 'ADA');
    expect(await terminal.exit()).to.equal(1);
    expect(terminal.text.replace(/\s+/g, ' ')).to.match(
      /^chit-client: the name "ADA" is taken.* Choose another with --name\.$/,
    );
  });

  it('says in one line that there is no server, and ends with 3', async () => {
    const server = await ServerProcess.start(endings);
    await server.stop();
    const { terminal } = sitDown(endings, server.address, 'ada');
    expect(await terminal.exit()).to.equal(3);
    expect(terminal.text).to.match(/^chit-client: no chat server answers at /);
  });

  it('says in one line that its log file cannot be written, and ends with 2', async () => {
    const directory = temporaryDirectory(endings);
    const { terminal, logFile } = sitDown(endings, '127.0.0.1:1', 'ada', { args: ['--log', directory] });
    expect(await terminal.exit()).to.equal(2);
    // The terminal wraps it wherever its edge is: how long the directory's name is, the machine decides.
    expect(terminal.text.replace(/\s+/g, '')).to.match(/^chit-client:thelogfile.*Nameanotherwith--log\.$/);
    expect(existsSync(logFile)).to.equal(false);
  });
});
