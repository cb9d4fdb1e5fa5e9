import { expect } from 'chai';
import { SharedFrame } from '../../../../lib/server/rpc/grpc-js/framing.js';

describe('a shared frame', () => {
  it('is the flag of bytes that are not compressed, their length, and they themselves', () => {
    const bytes = Buffer.alloc(300, 'x');
    const framed = new SharedFrame().of(bytes);
    expect([...framed.subarray(0, 5)]).to.deep.equal([0, 0, 0, 1, 44]);
    expect(framed.subarray(5).equals(bytes)).to.equal(true);
  });

  it('is one for all who are handed the same bytes one after the other', () => {
    const frame = new SharedFrame();
    const bytes = Buffer.from('a');
    const framed = frame.of(bytes);
    expect(frame.of(bytes)).to.equal(framed);
    expect(frame.of(Buffer.from('a')), 'of other bytes that are alike').not.to.equal(framed);
    expect(frame.of(Buffer.from('b')).toString('latin1')).to.equal('\0\0\0\0\x01b');
  });

  it('is never of an earlier response', () => {
    const frame = new SharedFrame();
    expect(frame.of(Buffer.alloc(0)).toString('latin1')).to.equal('\0\0\0\0\0');
    const [one, other] = [Buffer.from('1'), Buffer.from('2')];
    for (const bytes of [one, other, one]) expect(frame.of(bytes).subarray(5)).to.deep.equal(bytes);
  });
});
