import { expect } from 'chai';
import fc from 'fast-check';
import { ParticipantNames } from '../../lib/codec/participant-names.js';
import { text } from './arbitrary.js';
import { onTheWire } from './wire.js';

const welcomed = (names: ParticipantNames) => (onTheWire('Welcome', names.encoded).participants as string[]) ?? [];

describe('the names of participants', () => {
  it('are encoded as a welcome has them, and a list that others go on from stays as it is', () => {
    const branches = fc.array(fc.tuple(fc.nat(), text), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), branches, (first, grown) => {
        const lists = [{ names: ParticipantNames.of(first), expected: first }];
        for (const [pick, name] of grown) {
          const from = lists[pick % lists.length] ?? { names: ParticipantNames.of([]), expected: [] };
          lists.push({ names: from.names.with(name), expected: [...from.expected, name] });
        }
        for (const { names, expected } of lists) {
          expect(names.names).to.deep.equal(expected);
          expect(welcomed(names)).to.deep.equal(expected);
        }
      }),
    );
  });

  it('share the bytes of the list they go on from', () => {
    const ada = ParticipantNames.of(['Ada']);
    const both = ada.with('Bob');
    expect(both.encoded.buffer).to.equal(ada.encoded.buffer);
    expect(both.encoded.byteOffset).to.equal(ada.encoded.byteOffset);
  });
});
