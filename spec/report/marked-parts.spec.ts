import { expect } from 'chai';
import { fillIn, partsOf } from './marked-parts.js';

const place = (name: string, what = '') => `<!-- from the run: ${name} -->\n${what}<!-- end -->`;

describe("The report's parts from the run", () => {
  it('are put in their places, whatever stood there, and nothing else is touched', () => {
    const text = `before\n${place('one', 'old\nolder\n')}\nbetween\n${place('two things')}\nafter`;
    const filled = fillIn(
      text,
      new Map([
        ['two things', '$& 2'],
        ['one', '1'],
      ]),
    );
    expect(filled).to.equal(`before\n${place('one', '\n1\n\n')}\nbetween\n${place('two things', '\n$& 2\n\n')}\nafter`);
  });

  it('are the same when they are put in again', () => {
    const parts = new Map([['one', 'a\n\nb']]);
    const once = fillIn(place('one'), parts);
    expect(fillIn(once, parts)).to.equal(once);
    expect(partsOf(once)).to.deep.equal(parts);
  });

  it('are missed where the text has no place for one, or a place without one', () => {
    expect(() => fillIn('nothing', new Map([['one', '1']]))).to.throw('no place for one');
    expect(() => fillIn(place('one'), new Map())).to.throw('no part "one"');
  });
});
