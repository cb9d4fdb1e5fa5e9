import { expect } from 'chai';
import { Child } from './child.js';
import { endedAfterEach } from './endings.js';
import { newcomersEnvironment } from './newcomer.js';

describe('npm run demo', function () {
  this.timeout(60_000);
  const endings = endedAfterEach();

  it('shows what each of three clients saw, in the same places at the same times, and ends with 0 [S2] [S4] [T5]', async () => {
    // What comes before it is a build, and the programs that are tested are built.
    const demo = new Child(endings, 'npm', ['run', '--silent', '--ignore-scripts', 'demo'], {
      env: newcomersEnvironment(endings),
    });
    expect(await demo.ended, [...demo.lines, ...demo.errorLines].join('\n')).to.equal(0);
    const head = demo.lines.findIndex((line) => line.startsWith('What Ada saw'));
    const rows = demo.lines.slice(head + 2).filter((line) => line.includes('['));
    const cells = rows.map((row) => row.split('│').map((cell) => cell.trim()));
    for (const [first = '', ...others] of cells) {
      for (const other of others) expect(['', first]).to.include(other);
    }
    const column = (index: number) => cells.map((row) => row[index] ?? '').filter(Boolean);
    expect(column(0).length).to.be.greaterThan(15);
    expect(column(1).at(-1)).to.match(/^\[\d+] Bob left$/);
    expect(column(2)[0]).to.match(/^\[\d+] Cyd joined$/);
    expect(column(0).at(-3)).to.match(/^\[\d+] Cyd left$/);
  });
});
