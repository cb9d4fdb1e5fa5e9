import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { defaultLogFile, defaultStateFile, ownLogFile } from '../../lib/cli/client-files.js';
import { defaultName } from '../../lib/cli/client-options.js';
import { isInteractive } from '../../lib/cli/standard-streams.js';
import { endedAfterEach, temporaryDirectory } from '../system/endings.js';

describe("chit-client's default name", () => {
  for (const [user, name] of [
    ['ada', 'ada'],
    ['DOMAIN\\ada lovelace', 'DOMAINadalovelace'],
    ['e\u0301ve', 'éve'],
    ['\u0301x', 'x'],
    ['server', 'guest'],
    ['$$$', 'guest'],
    ['x'.repeat(40), 'x'.repeat(32)],
    [undefined, undefined],
  ] as const) {
    it(`is ${name ?? 'a valid one'} for the user ${user ?? 'of this machine'}`, () => {
      if (name === undefined) expect(defaultName()).to.match(/^.{1,32}$/u);
      else expect(defaultName(user)).to.equal(name);
    });
  }
});

const ada = { server: '127.0.0.1:4000', room: 'lobby', name: 'ada' };
const state = { XDG_STATE_HOME: '/state' };

/** Pairs of clients whose files were one, or whose names are written the same. */
const others = [
  ada,
  { ...ada, server: '127.0.0.1:4001' },
  { ...ada, room: 'tea' },
  { ...ada, name: 'a/da' },
  { ...ada, name: 'a_da' },
  { ...ada, name: 'a da' },
  { ...ada, room: 'a-b', name: 'c' },
  { ...ada, room: 'a', name: 'b-c' },
];

for (const [what, ending, fileOf] of [
  ['log', 'log', defaultLogFile],
  ['place', 'place', defaultStateFile],
] as const) {
  describe(`chit-client's default ${what} file`, () => {
    it('is in the state folder, named by room, name and server [S7]', () => {
      expect(fileOf(ada, state)).to.match(
        new RegExp(`^/state/chit-chat/lobby-ada@127\\.0\\.0\\.1_4000-[0-9a-f]{12}\\.${ending}$`),
      );
      for (const XDG_STATE_HOME of ['', 'relative']) {
        expect(fileOf(ada, { HOME: '/home/ada', XDG_STATE_HOME })).to.match(
          /^\/home\/ada\/\.local\/state\/chit-chat\//,
        );
      }
    });

    it('is another one for others, also where they are written the same', () => {
      expect(new Set(others.map((other) => fileOf(other, state))).size).to.equal(others.length);
    });

    it('stays in its folder and within the length of file names, whatever they are', () => {
      const path = fileOf({ server: '../'.repeat(99), room: '../'.repeat(99), name: '中'.repeat(99) }, state) ?? '';
      expect(path).to.match(/^\/state\/chit-chat\/[^/]*$/);
      expect(Buffer.byteLength(`${basename(path)}.chit-lock`)).to.be.lessThan(255);
    });
  });
}

describe("a client's own log file", () => {
  const endings = endedAfterEach();

  it('is no other living client’s, and the first one again when that client has ended', () => {
    const first = join(temporaryDirectory(endings), 'chit-chat', 'lobby-ada.log');
    const one = ownLogFile(first);
    const two = ownLogFile(first);
    const three = ownLogFile(first);
    expect([one, two, three].map(({ path }) => basename(path))).to.deep.equal([
      'lobby-ada.log',
      'lobby-ada.2.log',
      'lobby-ada.3.log',
    ]);
    one.release();
    const four = ownLogFile(first);
    expect(four.path).to.equal(first);
    for (const { release } of [two, three, four]) release();
    expect(existsSync(`${first}.chit-lock`)).to.equal(false);
  });
});

describe('isInteractive', () => {
  const tty = { isTTY: true };

  it('is so with a terminal at both ends', () => {
    expect(isInteractive(tty, tty, { TERM: 'xterm' })).to.equal(true);
    expect(isInteractive({}, tty, { TERM: 'xterm' })).to.equal(false);
    expect(isInteractive(tty, {}, { TERM: 'xterm' })).to.equal(false);
  });

  it('is so on a build machine too, where a person has a terminal', () => {
    expect(isInteractive(tty, tty, { TERM: 'xterm', CI: 'true', CI_JOB: '1' })).to.equal(true);
  });

  it('is not so where nothing can be drawn', () => {
    expect(isInteractive(tty, tty, { TERM: 'dumb' })).to.equal(false);
  });
});
