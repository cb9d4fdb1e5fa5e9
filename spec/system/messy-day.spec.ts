import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Child } from './child.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { installedProgram, installMsMax } from './installed-program.js';
import { projectFile } from './project.js';
import { withoutProxies } from './proxy-variables.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

/** As README has them, but for npx. */
const check = 'chit-trace check ~/.local/state/chit-chat/lobby-*.log';
const draw = 'chit-trace draw  ~/.local/state/chit-chat/lobby-*.log -o talk.svg';

/** Somebody with chit-client, whose log is where it is by default. */
interface Visitor {
  readonly child: Child;
  /** Sends it, and waits until it comes back. */
  readonly say: (text: string) => Promise<void>;
  readonly hears: (what: RegExp) => Promise<unknown>;
}

describe('After a day on which much went wrong', function () {
  this.timeout(installMsMax + 150_000);
  const endings = endedAfterEach();

  it('the commands of README say with no option what happened', async () => {
    const readme = readFileSync(projectFile('README.md'), 'utf8');
    for (const command of [check, draw]) expect(readme).to.contain(`npx ${command}`);
    const logrotate = await installedProgram('logrotate');
    const home = temporaryDirectory(endings);
    const logs = join(home, '.local/state/chit-chat');
    const env = { ...withoutProxies, HOME: home, XDG_STATE_HOME: undefined };

    function client(server: string, name: string, args: readonly string[] = []): Child {
      const line = [projectFile('bin/chit-client'), '--server', server, '--name', name, '--json', ...args];
      return new Child(endings, process.execPath, line, { env });
    }

    async function visitor(server: string, name: string, args: readonly string[] = []): Promise<Visitor> {
      const child = client(server, name, args);
      const hears = (what: RegExp) =>
        eventually(
          () => `${name} hears ${what}; it says: ${child.errorLines.join('\n')}`,
          () => child.lines.some((line) => what.test(line)),
          40_000,
        );
      const say = async (text: string) => {
        child.write(`${text}\n`);
        await hears(new RegExp(`"text":"${text}"`));
      };
      await hears(new RegExp(`"joined".*"participant":"${name}"`));
      return { child, say, hears };
    }

    const bash = (script: string) =>
      new Child(endings, 'bash', ['-c', script.replace('chit-trace', `"${projectFile('bin/chit-trace')}"`)], {
        env: { ...env, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` },
        cwd: home,
      });

    // One whose records and words for people are in one file, by tee, and one with a log file of its own.
    await promisify(execFile)('mkdir', ['-p', logs]);
    const both = ['bash', '-c', 'exec > >(tee -a "$0") 2>&1; exec "$@"', join(logs, 'lobby-server-1.log')] as const;
    const program = [...both, process.execPath, projectFile('bin/chit-server')] as const;
    let first = await ServerProcess.start(endings, { program, args: ['--grace', '1s'] });
    const again = { program, args: ['--grace', '1s', '--listen', first.address], data: first.data };
    const secondLog = join(logs, 'lobby-server-2.log');
    const second = await ServerProcess.start(endings, { args: ['--log-file', secondLog] });

    const ada = await visitor(first.address, 'ada');
    let bob = await visitor(first.address, 'bob', ['--log-max', '6KB']);
    const bot = await visitor(first.address, 'bot', ['--no-log']);
    expect(await client(first.address, 'ada').ended, 'the name is taken').to.equal(1);
    for (let count = 1; count <= 6; count += 1) {
      await ada.say(`ada ${count}`);
      await bob.say(`bob ${count}`);
    }
    await bot.say('a bot without a log');
    await eventually('a log is moved for its size', () =>
      readdirSync(logs).some((name) => /lobby-bob.*\.\d+T/.test(name)),
    );

    // The same room and name elsewhere, whose server's log is rotated.
    const namesake = await visitor(second.address, 'ada');
    await namesake.say('the other room');
    const rules = join(home, 'rules');
    const hangUp = `postrotate\nkill -HUP ${second.child.pid}\nendscript`;
    writeFileSync(rules, `"${secondLog}" {\nrotate 2\nnocompress\n${hangUp}\n}\n`, { mode: 0o600 });
    await promisify(execFile)(logrotate, ['--force', '--state', join(home, 'state'), rules]);
    await eventually('the log is opened anew', () => existsSync(secondLog));
    namesake.child.closeInput();
    expect(await namesake.child.ended).to.equal(0);

    bob.child.signal('SIGKILL');
    await ada.hears(/"left".*"participant":"bob"/);
    bob = await visitor(first.address, 'bob', ['--log-max', '6KB']);
    await bob.say('bob was killed');
    expect(await first.stop()).to.equal(0);
    first = await ServerProcess.start(endings, again);
    await ada.say('after a stop');
    await first.kill();
    first = await ServerProcess.start(endings, again);
    await ada.say('after a kill');
    await bob.hears(/"text":"after a kill"/);
    bot.child.signal('SIGKILL');
    await bob.hears(/"left".*"participant":"bot"/);
    ada.child.closeInput();
    expect(await ada.child.ended).to.equal(0);
    await bob.hears(/"left".*"participant":"ada"/);

    const verdict = bash(check);
    expect(await verdict.ended, [...verdict.lines, ...verdict.errorLines].join('\n')).to.equal(0);
    const of = async ({ address }: ServerProcess) => (await new RawCaller(endings, address).history()).length;
    const happened = (await of(first)) + (await of(second));
    // Four were there, and one of them kept no log.
    expect(verdict.lines.at(-1)).to.equal(
      `As far as these logs tell, every promise was kept: for ${happened} events, as 3 of 4 participants saw them.`,
    );
    const open = verdict.lines.slice(verdict.lines.findIndex((line) => line.startsWith('Open')) + 1, -2);
    expect(open, 'and nothing else').to.have.length(2);
    expect(open[0]).to.match(/Missing is the log of bot \(from event 3 on\) in room lobby/);
    expect(open[1], 'he is there still').to.match(/bob/);
    const strict = bash(`${check} --strict`);
    expect(await strict.ended).to.equal(3);
    const drawing = bash(draw);
    expect(await drawing.ended, drawing.errorLines.join('\n')).to.equal(0);
    expect(readdirSync(home).filter((name) => /^talk.*\.svg$/.test(name))).not.to.be.empty;
    // And what somebody changed in a log is found, whatever else is open.
    const [changed = ''] = readdirSync(logs).filter(
      (name) =>
        /^lobby-ada@.*[0-9a-f]\.log$/.test(name) && readFileSync(join(logs, name), 'utf8').includes('bob was killed'),
    );
    writeFileSync(
      join(logs, changed),
      readFileSync(join(logs, changed), 'utf8').replace('bob was killed', 'bob was shot'),
    );
    const broken = bash(check);
    expect(await broken.ended).to.equal(1);
    expect(broken.lines.join('\n')).to.contain(changed);
  });
});
