import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { defaultLogFile } from '../../lib/cli/client-log-file.js';
import { defaultPlaceFile } from '../../lib/cli/client-place-file.js';
import { defaultName } from '../../lib/cli/default-name.js';
import { isInteractive } from '../../lib/cli/interactive.js';

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

describe("chit-client's default log file", () => {
  it('is in the state directory, named by room and name [S7]', () => {
    expect(defaultLogFile('lobby', 'ada', '/state')).to.equal('/state/chit-chat/lobby-ada.log');
    expect(defaultLogFile('lobby', 'ada', '')).to.equal(join(homedir(), '.local/state/chit-chat/lobby-ada.log'));
    expect(defaultLogFile('lobby', 'ada', 'relative')).to.equal(
      join(homedir(), '.local/state/chit-chat/lobby-ada.log'),
    );
  });

  it('stays in its folder and within the length of file names, whatever they are', () => {
    expect(defaultLogFile('../..', 'a/b\0 c', '/s')).to.equal('/s/chit-chat/.._..-a_b__c.log');
    expect(Buffer.byteLength(defaultLogFile('x'.repeat(500), '中'.repeat(500), '/s'))).to.be.lessThan(255);
  });
});

describe('isInteractive', () => {
  const tty = { isTTY: true };

  it('is so with a terminal at both ends', () => {
    expect(isInteractive(tty, tty, { TERM: 'xterm' })).to.equal(true);
    expect(isInteractive({}, tty, { TERM: 'xterm' })).to.equal(false);
    expect(isInteractive(tty, {}, { TERM: 'xterm' })).to.equal(false);
  });

  it('is not so where nothing can be drawn', () => {
    expect(isInteractive(tty, tty, { TERM: 'dumb' })).to.equal(false);
    expect(isInteractive(tty, tty, { CI: 'true' })).to.equal(false);
    expect(isInteractive(tty, tty, { CI_JOB: '1' })).to.equal(false);
    expect(isInteractive(tty, tty, { CI: 'false' })).to.equal(true);
  });
});

describe("chit-client's default place file", () => {
  const visit = { server: '127.0.0.1:4000', room: 'lobby', name: 'ada' };

  it('is in the user’s state folder, named by room, name and server', () => {
    expect(defaultPlaceFile(visit, '/state')).to.match(
      /^\/state\/chit-chat\/lobby-ada@127\.0\.0\.1_4000-[0-9a-f]{12}\.place$/,
    );
  });

  it('is another one for others, also where they are written the same', () => {
    const others = [visit, { ...visit, name: 'a/da' }, { ...visit, name: 'a_da' }, { ...visit, room: 'tea' }];
    expect(new Set(others.map((other) => defaultPlaceFile(other))).size).to.equal(others.length);
  });

  it('stays in its folder and within the length of file names, whatever they are', () => {
    const path = defaultPlaceFile({ server: '../'.repeat(99), room: '../'.repeat(99), name: '中'.repeat(99) }, '/s');
    expect(path).to.match(/^\/s\/chit-chat\/[^/]*$/);
    expect(Buffer.byteLength(`${path}.lock`) - '/s/chit-chat/'.length).to.be.lessThan(255);
  });
});
