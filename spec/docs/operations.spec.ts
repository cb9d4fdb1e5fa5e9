import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { defaultLimits } from '../../lib/core/limits.js';

const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

describe('docs/operations.md', () => {
  it('lists every limit with its default, and no other [P12]', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, name = '', value]) => [name, Number(value)]);
    expect(Object.fromEntries(rows)).to.deep.equal(defaultLimits);
  });

  it('tells of each record that says that something is wrong with the store', () => {
    const source = readFileSync(new URL('../../lib/server/server.ts', import.meta.url), 'utf8');
    const opening = source.slice(source.indexOf('await openStore('), source.indexOf('function listenAddress'));
    const records = [...opening.matchAll(/(?:journal\.(?:warn|error)\(|\['(?:warn|error)', )'([a-z-]+)'/g)];
    const names = records.map(([, name]) => name);
    expect(names).to.include.members(['segments-damaged', 'store-behind', 'log-ids-renewed', 'event-damaged']);
    for (const name of names) expect(page).to.include(`\`${name}\``);
  });
});
