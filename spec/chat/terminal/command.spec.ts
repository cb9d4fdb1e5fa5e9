import { expect } from 'chai';
import { parseCommand } from '../../../lib/chat/terminal/command.js';

describe('An input', () => {
  it('is sent as it is where it does not begin with a slash', () => {
    expect(parseCommand('  hello /who ')).to.deep.equal({ kind: 'say', text: '  hello /who ' });
  });

  it('is nothing where it is white space', () => {
    expect(parseCommand('')).to.deep.equal({ kind: 'nothing' });
    expect(parseCommand('  ')).to.deep.equal({ kind: 'nothing' });
  });

  for (const kind of ['help', 'who', 'rooms', 'me', 'quit'] as const) {
    it(`/${kind} is a command that stands alone`, () => {
      expect(parseCommand(`/${kind} `)).to.deep.equal({ kind });
      expect(parseCommand(`/${kind} now`)).to.include({ kind: 'mistake' });
    });
  }

  it('/history takes a number or none', () => {
    expect(parseCommand('/history')).to.deep.equal({ kind: 'history', limit: 20 });
    expect(parseCommand('/history 7')).to.deep.equal({ kind: 'history', limit: 7 });
    for (const wrong of ['0', '-1', '1001', 'x', '1 2', '1e3']) {
      expect(parseCommand(`/history ${wrong}`)).to.include({ kind: 'mistake' });
    }
  });

  for (const kind of ['why', 'fingerprint'] as const) {
    it(`/${kind} takes a logical time as the lines show it, or none`, () => {
      expect(parseCommand(`/${kind}`)).to.deep.equal({ kind, lamport: undefined });
      for (const right of ['12', '[12]'])
        expect(parseCommand(`/${kind} ${right}`)).to.deep.equal({ kind, lamport: 12 });
      for (const wrong of ['x', '-1', '1.5', '1 2', '1e3', '9'.repeat(16)]) {
        expect(parseCommand(`/${kind} ${wrong}`)).to.include({ kind: 'mistake' });
      }
    });
  }

  it('is explained and not sent where the command is unknown', () => {
    expect(parseCommand('/nope at all')).to.deep.equal({
      kind: 'mistake',
      explanation: 'There is no command /nope. /help lists them; //nope sends it as a message.',
    });
    expect(parseCommand('/')).to.include({ kind: 'mistake' });
  });

  it('is sent without its first slash where it begins with two', () => {
    expect(parseCommand('//etc/hosts')).to.deep.equal({ kind: 'say', text: '/etc/hosts' });
  });
});
