import { expect } from 'chai';
import { defaultRoom, isRoomName } from '../../lib/core/name.js';

describe('isRoomName', () => {
  it('takes a letter or digit and then letters, digits, dots, underscores, hyphens', () => {
    for (const room of [defaultRoom, 'a', '7', 'a.b_c-d', 'a'.repeat(64)]) expect(isRoomName(room, 64)).to.equal(true);
  });

  it('refuses everything else', () => {
    for (const room of ['', 'Lobby', '.a', '-a', '_a', 'a b', 'a:b', 'a/b', 'é', 'a\n', 'a'.repeat(65)]) {
      expect(isRoomName(room, 64), JSON.stringify(room)).to.equal(false);
    }
  });
});
