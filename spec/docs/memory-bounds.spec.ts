import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { defaultLimits } from '../../lib/core/limits.js';
import { type MemoryBound, memoryBounds, memoryLogBounds } from '../../lib/server/memory-bounds.js';

const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

/** As the page's table has it. */
function rowOf({ what, formula, bytes }: MemoryBound): string {
  return `| ${what} | ${formula} | ${Math.ceil(bytes / 2 ** 20)} |`;
}

describe('What a server can hold at most', () => {
  const section = page.split('## What the server can hold at most')[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => /^\| .* \d+ \|$/.test(line));

  it('stands in docs/operations.md with the default limits, thing by thing and in all [P12]', () => {
    const bounds = memoryBounds(defaultLimits);
    const sum = bounds.reduce((all, { bytes }) => all + bytes, 0);
    const total = rowOf({ what: '**all of it at one time**', formula: '', bytes: sum }).replace('|  |', '| |');
    expect(rows).to.deep.equal([...bounds.map(rowOf), total, ...memoryLogBounds(defaultLimits).map(rowOf)]);
  });

  it('follows the limits by the formula that it names', () => {
    const changed = { ...defaultLimits, connectionsMax: 10, tailsBytesMax: 1, roomsMax: 3 };
    for (const { formula, bytes } of [...memoryBounds(changed), ...memoryLogBounds(changed)]) {
      const factors = formula.replace(/`(\w+)`/g, (_, name: keyof typeof changed) => String(changed[name]));
      const worked = factors
        .split(' + ')
        .map((product) =>
          product
            .split(' × ')
            .map(Number)
            .reduce((a, b) => a * b, 1),
        )
        .reduce((a, b) => a + b, 0);
      expect(bytes, formula).to.equal(worked);
    }
    expect(memoryBounds(changed).find(({ what }) => what.startsWith('newest events'))?.bytes).to.equal(1);
  });
});
