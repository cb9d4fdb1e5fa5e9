import { expect } from 'chai';
import { evenWords, groupedChain, oddWords, spokenChain } from '../../../lib/chat/fingerprint/fingerprint.js';

describe('A fingerprint to be read aloud', () => {
  it('has the words that the PGP word list has for its bytes', () => {
    // The list's own example, the fingerprint E582 94F2 E9A2 2748 6E8B 061B 31CC 528F D7FA 3F19.
    const hex = 'e58294f2e9a227486e8b061b31cc528fd7fa3f19';
    const words = hex.match(/.{8}/g)?.map(spokenChain).join(' ');
    expect(words).to.equal(
      'topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa ' +
        'afflict bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless',
    );
  });

  it('has four words of the first 32 bits of a chain, the rest of which is for eyes', () => {
    expect(spokenChain('0001feff00000000')).to.equal('aardvark adviser woodlark Yucatan');
    expect(groupedChain('0001feff00000000')).to.equal('0001 feff 0000 0000');
  });

  it('has a word of its own for every byte at every place', () => {
    expect(new Set([...evenWords, ...oddWords].map((word) => word.toLowerCase())).size).to.equal(512);
    expect([evenWords.length, oddWords.length]).to.deep.equal([256, 256]);
  });
});
