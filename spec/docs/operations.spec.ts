import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { defaultLimits } from '../../lib/core/limits.js';

const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

describe('docs/operations.md', () => {
  it('lists every limit with its default, and no other [P12]', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, name = '', value]) => [name, Number(value)]);
    expect(Object.fromEntries(rows)).to.deep.equal(defaultLimits);
  });
});
