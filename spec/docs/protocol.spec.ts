import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { chainBytes, chainStart, nextChain } from '../../lib/core/chain.js';

const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

/** The rows of the worked example: sequence, lamport, seen, event, hex, chain. */
const rows = [...page.matchAll(/^\| (\d+) \| (\d+) \| (\d+|–) \| (.+?) \| `([0-9a-f ]+)` \| `([0-9a-f]{16})` \|$/gm)];

const kinds = { joined: 'joined', left: 'left' } as const;

describe('docs/protocol.md', () => {
  it('has a worked example whose bytes hash to the chains it prints [P1]', () => {
    expect(rows).to.have.length(3);
    for (const [, , , , , hex, chain] of rows) {
      const bytes = Buffer.from((hex as string).replaceAll(' ', ''), 'hex');
      expect(createHash('sha256').update(bytes).digest('hex').slice(0, 16)).to.equal(chain);
    }
  });

  it('has a worked example that the program agrees with, byte by byte [P1]', () => {
    let previous = chainStart;
    for (const [, sequence, lamport, seen, event, hex, chain] of rows) {
      const [participant = '', rest = ''] = (event as string).split(/:? (.+)/);
      const text = /:/.test(event as string) ? rest : '';
      const link = {
        sequence: Number(sequence),
        lamport: Number(lamport),
        seen: seen === '–' ? 0 : Number(seen),
        kind: text ? ('message' as const) : kinds[rest as keyof typeof kinds],
        participant,
        text,
      };
      expect(Buffer.from(chainBytes(previous, link)).toString('hex')).to.equal((hex as string).replaceAll(' ', ''));
      previous = nextChain(previous, link);
      expect(previous).to.equal(chain);
    }
  });
});
