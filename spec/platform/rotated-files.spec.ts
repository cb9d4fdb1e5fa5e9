import { expect } from 'chai';
import { rotatedName, wholeName } from '../../lib/platform/rotated-files.js';

describe('The name of a part of a rotated file', () => {
  it('leads back to the whole, whoever rotated it', () => {
    for (const path of ['/logs/lobby-ada@127.0.0.1_4000-0123456789ab.log', 'x.log', 'lobby-ada@host-1.2.log']) {
      expect(wholeName(rotatedName(path, Date.UTC(2026, 10, 27)))).to.equal(path);
      expect(wholeName(`${path}.1`)).to.equal(path);
      expect(wholeName(`${path}.12`)).to.equal(path);
      expect(wholeName(`${path}-20261127`)).to.equal(path);
      expect(wholeName(`${path}-20261127-1764201600`)).to.equal(path);
    }
  });

  it('is another one each time, in the order of time, and matches what the whole matches', () => {
    const names = [0, 1, 999, 60_000].map((ms) => rotatedName('lobby-ada.log', Date.UTC(2026, 10, 27) + ms));
    expect([...names].sort()).to.deep.equal(names);
    expect(names[0]).to.equal('lobby-ada.20261127T000000000Z.log');
  });

  it('is none where the name only looks alike', () => {
    for (const path of ['ada.log', 'ada.2.log', 'lobby-20261127.log', 'server', 'run-1/ada.log']) {
      expect(wholeName(path)).to.equal(path);
    }
  });
});
