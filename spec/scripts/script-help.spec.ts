import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Child } from '../system/child.js';
import { endedAfterEach } from '../system/endings.js';
import { projectFile } from '../system/project.js';

const { scripts } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
/** Those of spec that take no options. */
const without = ['demo', 'picture', 'report'];
const programs = Object.entries(scripts).flatMap(([name, line]) => {
  const [, file] = /^node .*--import tsx (spec\/\S+)$/.exec(line) ?? [];
  return file && !without.includes(name) ? [{ name, file }] : [];
});

describe('The scripts of the project', function () {
  this.timeout(60_000);
  const endings = endedAfterEach();

  async function run(file: string, ...args: string[]) {
    const child = new Child(endings, process.execPath, ['--import', 'tsx', projectFile(file), ...args]);
    return { code: await child.ended, text: child.lines.join('\n'), errors: child.errorLines };
  }

  it('are found in package.json', () => {
    const names = [
      'test:nodes',
      'simulate',
      'kill-rounds',
      'power-losses',
      'torture',
      'fuzz',
      'siege',
      'slow-reader',
      'soak',
      'bench',
    ];
    expect(programs.map(({ name }) => name)).to.deep.equal(names);
  });

  for (const { name, file } of programs) {
    it(`tell with --help what npm run ${name} does, and its exit codes`, async () => {
      const { code, text, errors } = await run(file, '--help');
      expect({ code, errors }).to.deep.equal({ code: 0, errors: [] });
      expect(text).to.match(new RegExp(`^npm run ${name} -- \\[`));
      expect(text).to.match(/^Exit codes:$[\s\S]*^ {2}0 {2}\S.*$[\s\S]*^ {2}1 {2}\S/m);
    });

    // What it does not know itself is for mocha.
    if (name === 'test:nodes') continue;
    it(`end with 2 where npm run ${name} is given what it does not know`, async () => {
      const { code, text, errors } = await run(file, '--no-such-option');
      expect(code, [text, ...errors].join('\n')).to.equal(2);
      expect(errors.join('\n'), 'no stack').to.not.match(/^ +at /m);
    });
  }
});
