import { expect } from 'chai';
import { clientLimits } from '../../../lib/client/limits.js';
import type { TerminalEmulatorOptions } from '../../system/terminal-emulator.js';
import { type FakeRoom, openFakeRoom } from './fake-room.js';

describe('The terminal client in a pseudo-terminal', () => {
  let room: FakeRoom | undefined;

  afterEach(async () => {
    await room?.close();
    room = undefined;
  });

  async function open(options: TerminalEmulatorOptions = {}) {
    room = await openFakeRoom({ columns: 60, rows: 16, ...options });
    const { terminal, call } = room;
    await terminal.until(/Participant ada joined(.|\n)*connected\n>/);
    return { terminal, say: (name: string, text: string) => call('happen', name, { kind: 'message', text }), call };
  }

  it('keeps the input line and its cursor as they are while messages arrive above it [S4] [S7]', async () => {
    const { terminal, say } = await open();
    terminal.type('half a sentence\x1b[D\x1b[D');
    await terminal.until(() => terminal.inputRow === '> half a sentence' && terminal.cursor.column === 15);
    for (let index = 1; index <= 40; index++) say('bob', `message ${index}`);
    await terminal.until('bob: message 40');
    await terminal.until(() => terminal.inputRow === '> half a sentence' && terminal.cursor.column === 15);
    terminal.type('X');
    await terminal.until(() => terminal.inputRow === '> half a sentenXce');
    const received = terminal.allRows.filter((row) => row.includes('bob: message'));
    expect(received).to.have.length(40);
  });

  it('shows every message of a burst once and in order, and what is typed meanwhile', async () => {
    const { terminal, call } = await open();
    call('burst', 'bob', 1, 5000);
    terminal.type('typed');
    await terminal.until('bob: burst 5000');
    await terminal.until(() => terminal.inputRow === '> typed' && terminal.cursor.column === 7);
    const numbers = terminal.allRows.map((row) => /bob: burst (\d+)$/.exec(row)?.[1]).filter(Boolean);
    expect(numbers).to.deep.equal(Array.from({ length: 5000 }, (_, index) => `${index + 1}`));
  });

  it('keeps little of what it has shown', async () => {
    const { terminal, call } = await open();
    const heapMib = async (expected: string) => {
      call('memory');
      const pattern = new RegExp(`${expected}\\n\\[\\d+\\] server: memory (\\d+)\\n`);
      await terminal.until(pattern);
      return Number(pattern.exec(terminal.text)?.[1]);
    };
    call('burst', 'bob', 1, 5_000);
    const before = await heapMib('burst 5000');
    call('burst', 'bob', 5_001, 50_000);
    const after = await heapMib('burst 50000');
    expect(after - before).to.be.lessThan(4);
  });

  for (const unicode of ['joined', 'separate', '6'] as const) {
    it(`edits wide characters in a terminal that draws emoji sequences the ${unicode} way`, async () => {
      const { terminal } = await open({ unicode });
      const at = () => terminal.cursor.column;
      terminal.type('中👩‍👩‍👧e\u0301');
      await terminal.until('中👩‍👩‍👧e\u0301');
      const end = at();
      terminal.type('x');
      await terminal.until(() => terminal.inputRow === '> 中👩‍👩‍👧e\u0301x' && at() === end + 1);
      terminal.type('\x1b[D\x1b[D\x7f');
      await terminal.until(() => terminal.inputRow === '> 中e\u0301x' && at() === 4);
      terminal.type('\x7f\x1b[3~');
      await terminal.until(() => terminal.inputRow === '> x' && at() === 2);
    });
  }

  it('sends 128 emoji, the longest message there is [S3]', async () => {
    const { terminal } = await open();
    const text = '😀'.repeat(128);
    terminal.type(text);
    await terminal.until('128/128');
    terminal.type('\r');
    await terminal.until(/\[\d+\] ada: 😀/);
    await terminal.until(() => terminal.inputRow === '>');
    const shown = terminal.allRows.join('').match(/😀/g);
    expect(shown).to.have.length(128);
  });

  it('does not send a message that is too long, and leaves it to be shortened [S3]', async () => {
    const { terminal } = await open();
    terminal.type(`${'中'.repeat(129)}\r`);
    await terminal.until('Not sent: a message has at most 128 characters.');
    await terminal.until('129/128');
    terminal.type('\x7f\r');
    await terminal.until(/\[\d+\] ada: 中/);
  });

  it('is not moved, coloured or reordered by anything a peer sends [S7]', async () => {
    const { terminal, say } = await open({ columns: 100, rows: 40 });
    const before = terminal.rows.slice(0, 2);
    say('eve', '\x1b[2J\x1b[H\x1b]0;owned\x07cleared');
    say('eve', '\x9b31mred\x9b0m');
    say('eve', 'abc\u202edef');
    say('eve', 'one\rtwo\nthree\u2028four\x0b\x0c');
    say('eve', `a${'\u0301'.repeat(100)}`);
    say('eve', `${' '.repeat(93)}Participant ada left Chit Chat at logical time 99`);
    say('bob', 'the end');
    await terminal.until('bob: the end');
    expect(terminal.rows.slice(0, 2)).to.deep.equal(before);
    expect(terminal.text).to.contain('eve: \\u{1b}[2J\\u{1b}[H\\u{1b}]0;owned\\u{7}cleared\n');
    expect(terminal.text).to.contain('eve: \\u{9b}31mred\\u{9b}0m\n');
    expect(terminal.text).to.contain('eve: abc\\u{202e}def\n');
    expect(terminal.text).to.contain('eve: one\\u{d}two\\u{a}three\\u{2028}four\\u{b}\\u{c}\n');
    expect(terminal.text).not.to.match(/^Participant ada left/m);
    await terminal.until(() => terminal.inputRow === '>');
  });

  it('draws the conversation anew when the terminal becomes narrower and wider', async () => {
    const { terminal, say } = await open();
    const text = 'a message that is long enough to need more than one row when the terminal is narrow';
    say('bob', text);
    terminal.type('typed');
    await terminal.until('narrow');
    for (const [columns, rows] of [
      [30, 16],
      [90, 20],
      [44, 10],
    ] as const) {
      terminal.resize(columns, rows);
      await terminal.until(() => {
        const shown = terminal.text.replace(/\s+/g, ' ');
        const once = shown.split(text).length === 2 && shown.split('lobby ·').length === 2;
        return once && terminal.inputRow === '> typed' && terminal.cursor.column === 7;
      });
      const row = terminal.rows.findIndex((line) => line.includes('bob:'));
      if (columns < 90) expect(terminal.rows[row + 1]).to.match(/^ {5}\S/);
    }
  });

  it('has colours, and none with NO_COLOR', async () => {
    const { terminal, say } = await open();
    say('bob', 'hello');
    await terminal.until('bob: hello');
    expect(terminal.coloured).to.equal(true);
    await room?.close();
    const plain = await open({ env: { NO_COLOR: '1' } });
    plain.say('bob', 'hello');
    plain.terminal.type('/nope\r');
    await plain.terminal.until('no command /nope');
    expect(plain.terminal.coloured).to.equal(false);
    expect(plain.terminal.raw).not.to.contain('m\x1b');
  });

  it('makes a paste of several lines one message that can still be changed', async () => {
    const { terminal } = await open();
    terminal.paste('one\r\ntwo\rthree');
    await terminal.until(() => terminal.inputRow === '> one two three');
    terminal.type('!\r');
    await terminal.until('ada: one two three!');
  });

  it('brings earlier inputs back', async () => {
    const { terminal } = await open();
    terminal.type('first\rsecond\r');
    await terminal.until('ada: second');
    terminal.type('\x1b[A\x1b[A');
    await terminal.until(() => terminal.inputRow === '> first');
  });

  it('puts a refused message back into the input line, with the reason above it [P9]', async () => {
    const { terminal } = await open();
    terminal.type('refuse me\r');
    await terminal.until('-- Not sent: Too many messages');
    await terminal.until(() => terminal.inputRow === '> refuse me');
  });

  it('answers its commands', async () => {
    const { terminal } = await open({ columns: 100, rows: 40 });
    for (const [command, answer] of [
      ['/help', '/history [n]'],
      ['/who', '-- 1 in lobby: ada'],
      ['/rooms', '-- kitchen: 2 here'],
      ['/history 2', 'zoë: earlier 29'],
      ['/me', '-- You are ada in lobby on 127.0.0.1:4000.'],
      ['/nope', 'no command /nope'],
      ['//nope', 'ada: /nope'],
    ] as const) {
      terminal.type(`${command}\r`);
      await terminal.until(answer);
    }
  });

  for (const [how, keys] of [
    ['/quit', '/quit\r'],
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ] as const) {
    it(`leaves on ${how}, ends with 0, and leaves the terminal as it was [S6]`, async () => {
      const { terminal } = await open();
      terminal.type(keys);
      expect(await terminal.exit()).to.equal(0);
      expect(terminal.text.split('\n').at(-1)).to.match(/^Participant ada left Chit Chat at logical time \d+$/);
      expect(terminal.cursor).to.deep.equal({ row: terminal.text.split('\n').length, column: 0 });
      expect(terminal.raw.lastIndexOf('\x1b[?25h')).to.be.greaterThan(terminal.raw.lastIndexOf('\x1b[?25l'));
      expect(terminal.raw).to.contain('\x1b[?2004l');
    });
  }

  it('ends at once on a second Ctrl-C', async () => {
    const { terminal, call } = await open();
    call('hangOnLeave');
    terminal.type('\x03');
    await terminal.until('leaving');
    const asked = performance.now();
    terminal.type('\x03');
    expect(await terminal.exit()).to.equal(130);
    expect(performance.now() - asked).to.be.lessThan(clientLimits.leaveMsMax / 2);
  });

  it('tells why the session ended, and ends with 3', async () => {
    const { terminal, call } = await open();
    call('endSession', 'The server is stopping. Join again when it is back.');
    expect(await terminal.exit()).to.equal(3);
    expect(terminal.text.replace(/\s+/g, ' ')).to.match(/-- The server is stopping. Join again when it is back.$/);
  });
});
