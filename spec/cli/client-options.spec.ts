import { expect } from 'chai';
import { CommanderError } from 'commander';
import { clientCommand } from '../../lib/cli/client-options.js';

describe("chit-client's command line", () => {
  const before = { ...process.env };

  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith('CHIT_')) delete process.env[name];
  });

  afterEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith('CHIT_')) delete process.env[name];
    Object.assign(process.env, before);
  });

  const parse = (...args: string[]) => clientCommand().parse(args, { from: 'user' }).opts();

  /** What it says on standard error, and the failure. */
  function mistake(...args: string[]): string {
    let said = '';
    const command = clientCommand();
    command.configureOutput({ writeErr: (text) => (said += text) });
    expect(() => command.parse(args, { from: 'user' })).to.throw(CommanderError);
    return said;
  }

  it('has defaults for everything', () => {
    const { name, ...others } = parse();
    expect(name).to.be.a('string').that.is.not.empty;
    expect(others).to.deep.equal({ server: '127.0.0.1:4000', room: 'lobby', logMax: 64 * 1024 ** 2 });
  });

  it('takes every option', () => {
    const line =
      '--server [::1]:4001 --name ada --room tea --history 7 --log a.log --state a.place --json --offline-max 2m --log-max 2MB';
    expect(parse(...line.split(' '))).to.deep.equal({
      server: '[::1]:4001',
      name: 'ada',
      room: 'tea',
      history: 7,
      log: 'a.log',
      state: 'a.place',
      json: true,
      offlineMax: 120_000,
      logMax: 2 * 1024 ** 2,
    });
  });

  it('takes each from the environment, where the command line does not say otherwise', () => {
    Object.assign(process.env, {
      CHIT_SERVER: 'chat.example:4000',
      CHIT_NAME: 'bob',
      CHIT_ROOM: 'tea',
      CHIT_HISTORY: '5',
      CHIT_LOG: '',
      CHIT_STATE: 'b.place',
      CHIT_OFFLINE_MAX: '0',
    });
    expect(parse('--name', 'ada')).to.deep.equal({
      server: 'chat.example:4000',
      name: 'ada',
      room: 'tea',
      history: 5,
      state: 'b.place',
      offlineMax: 0,
      logMax: 64 * 1024 ** 2,
    });
  });

  it('composes the name, as the server wants it', () => {
    expect(parse('--name', 'e\u0301').name).to.equal('\u00e9');
  });

  for (const server of ['x', 'host:', ':4000', 'host:0', 'host:65536', 'host:1:2', '::1:4000', 'a b:1', 'http://a:1']) {
    it(`refuses the server "${server}" in one line that says what to write`, () => {
      expect(mistake('--server', server)).to.match(/^chit-client: .*Write HOST:PORT.*\n$/);
    });
  }

  for (const history of ['x', '-1', '1.5', '1001', '']) {
    it(`refuses the history "${history}" in one line that says what to write`, () => {
      expect(mistake(`--history=${history}`)).to.match(/^chit-client: .*\n$/);
    });
  }

  for (const option of ['--state', '--log']) {
    it(`refuses ${option} with nothing, as a script gives it whose variable is not set`, () => {
      expect(mistake(option, '')).to.match(/^chit-client: .*It is empty\. Name a path.*\n$/);
    });
  }

  it('refuses what it does not know', () => {
    expect(mistake('--nme', 'ada')).to.match(/^chit-client: unknown option '--nme'.*--name.*\n$/);
    expect(mistake('extra')).to.match(/^chit-client: too many arguments.*\n$/);
  });
});
