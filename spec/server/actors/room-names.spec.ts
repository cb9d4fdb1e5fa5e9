import { expect } from 'chai';
import fc from 'fast-check';
import { RoomNames } from '../../../lib/server/actors/rooms-admission.js';

describe('the names of rooms', () => {
  it('are a set that is in order, from any name on', () => {
    const name = fc.stringMatching(/^[ab.-]{1,3}$/);
    const change = fc.record({ kind: fc.constantFrom('add', 'delete'), name });
    fc.assert(
      fc.property(fc.array(name), fc.array(change), name, (first, changes, after) => {
        const names = new RoomNames(first);
        const set = new Set(first);
        for (const { kind, name: changed } of changes) {
          names[kind as 'add' | 'delete'](changed);
          set[kind as 'add' | 'delete'](changed);
        }
        const sorted = [...set].sort();
        expect([...names.after('')]).to.deep.equal(sorted);
        expect([...names.after(after)]).to.deep.equal(sorted.filter((one) => one > after));
        expect([names.size, names.has(after)]).to.deep.equal([set.size, set.has(after)]);
      }),
    );
  });
});
