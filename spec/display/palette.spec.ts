import { expect } from 'chai';
import { authorColour, colours, noColours } from '../../lib/display/palette.js';

describe('The palette', () => {
  it('gives a name the same colour on every screen, however it is written', () => {
    expect(authorColour('ada')).to.equal(authorColour('ada'));
    expect(authorColour('Ada')).to.equal(authorColour('ada'));
  });

  it('tells names apart where it can', () => {
    const used = new Set(Array.from({ length: 100 }, (_, index) => authorColour(`name${index}`)));
    expect(used.size).to.be.greaterThan(6);
  });

  it('takes back what it sets', () => {
    expect(colours('text', 'plain')).to.equal('text');
    expect(colours('text', 'faint')).to.equal('\x1b[2mtext\x1b[22m');
    expect(colours('text', 'notice')).to.equal('\x1b[33mtext\x1b[39m');
    expect(colours('text', 'alert')).to.equal('\x1b[31mtext\x1b[39m');
    expect(colours('text', { author: 'ada' })).to.equal(`\x1b[1;${authorColour('ada')}mtext\x1b[22;39m`);
  });

  it('is text and nothing else without colours', () => {
    expect(noColours('text', { author: 'ada' })).to.equal('text');
  });
});
