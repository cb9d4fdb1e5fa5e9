import { expect } from 'chai';
import { Progress } from '../../../lib/cli/trace/output.js';

describe('The progress of chit-trace', () => {
  function told(isTTY: boolean, total: number, ...steps: readonly (readonly [ms: number, by: number])[]): string[] {
    const written: string[] = [];
    let now = 0;
    const progress = new Progress('reading', total, { isTTY, write: (text) => written.push(text) }, () => now);
    for (const [ms, by] of steps) {
      now = ms;
      progress.advance(by);
    }
    progress.end();
    return written;
  }

  it('is told on a terminal in percent, now and then, and goes away in the end', () => {
    const clear = '\r\u001b[K';
    expect(told(true, 1000, [10, 100], [110, 100], [120, 100], [300, 700])).to.deep.equal([
      `${clear}reading 20 %`,
      `${clear}reading 100 %`,
      clear,
    ]);
  });

  it('is not told elsewhere, nor of a short work, nor where nobody knows how much there is', () => {
    expect(told(false, 1000, [500, 500])).to.deep.equal([]);
    expect(told(true, 1000, [50, 1000])).to.deep.equal([]);
    expect(told(true, 0, [500, 500])).to.deep.equal([]);
  });

  it('is never more than all, though a file grows while it is read', () => {
    expect(told(true, 10, [500, 30]).at(0)).to.match(/100 %$/);
  });
});
