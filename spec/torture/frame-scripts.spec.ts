import { expect } from 'chai';
import { preface } from '../server/rpc/http2-frames.js';
import { Random } from '../simulation/random.js';
import { frameScript, frameScriptNames } from './frame-scripts.js';

describe('what a hostile connection sends', () => {
  it('is the same for the same seed', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      expect(frameScript(new Random(seed)), `seed ${seed}`).to.deep.equal(frameScript(new Random(seed)));
    }
  });

  it('begins as HTTP/2 does, so that it is heard, and is of every kind', () => {
    const random = new Random(1);
    const seen = new Set<string>();
    for (let number = 1; number <= 200; number += 1) {
      const { name, pieces } = frameScript(random);
      seen.add(name);
      const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
      expect(bytes.subarray(0, preface.length).equals(preface), name).to.equal(true);
      expect(bytes.length, name).to.be.greaterThan(preface.length + 9);
    }
    expect([...seen].sort()).to.deep.equal([...frameScriptNames].sort());
  });
});
