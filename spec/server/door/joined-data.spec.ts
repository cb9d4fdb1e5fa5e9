import { expect } from 'chai';
import fc from 'fast-check';
import { withJoinedData } from '../../../lib/server/door/joined-data.js';
import { data, frame, framesIn, frameTypes, ping } from '../rpc/http2-frames.js';

describe('DATA frames of one chunk', () => {
  const joined = (...frames: Buffer[]): Buffer => withJoinedData(Buffer.concat(frames), 0);
  const lengths = (bytes: Buffer): number[] => framesIn(bytes).frames.map(({ payload }) => payload.length);

  it('are joined where they follow each other on one stream', () => {
    const all = joined(data(1, Buffer.from('one ')), data(1, Buffer.from('two ')), data(1, Buffer.from('three')));
    expect(all.equals(data(1, Buffer.from('one two three')))).to.equal(true);
  });

  it('stay apart on streams of their own, and before and behind other frames', () => {
    const frames = [data(1, Buffer.from('a')), data(3, Buffer.from('b')), ping(), data(3, Buffer.from('c'))];
    expect(joined(...frames).equals(Buffer.concat(frames))).to.equal(true);
    const joinedLast = Buffer.concat([...frames.slice(0, 3), data(3, Buffer.from('cd'))]);
    expect(joined(...frames, data(3, Buffer.from('d'))).equals(joinedLast)).to.equal(true);
  });

  it('keep their ends, their padding and their emptiness', () => {
    const padded = frame(frameTypes.data, 0x8, 1, Buffer.from([1, 65, 0]));
    const frames = [data(1, Buffer.from('a')), data(1, Buffer.from('b'), { end: true })];
    for (const kept of [
      frames,
      [data(1, Buffer.from('a')), padded],
      [data(1, Buffer.from('a')), data(1, Buffer.alloc(0))],
    ]) {
      expect(joined(...kept).equals(Buffer.concat(kept))).to.equal(true);
    }
  });

  it('are never longer than a frame may be, and none that is too long is hidden', () => {
    const half = Buffer.alloc(8_192);
    expect(lengths(joined(data(1, half), data(1, half), data(1, half)))).to.deep.equal([16_384, 8_192]);
    const tooLong = Buffer.alloc(16_385);
    expect(lengths(joined(data(1, half), data(1, tooLong), data(1, half)))).to.deep.equal([8_192, 16_385, 8_192]);
  });

  it('cost no copy where there is nothing to join', () => {
    const alone = Buffer.concat([data(1, Buffer.from('alone')), ping()]);
    expect(withJoinedData(alone, 0)).to.equal(alone);
  });

  it('are the same data for each stream in the same order, wherever the chunk is cut', () => {
    const frames = fc.array(
      fc.record({
        type: fc.constantFrom(0, 0, 0, 0, 6),
        flags: fc.constantFrom(0, 0, 0, 1),
        stream: fc.constantFrom(1, 1, 3),
        payload: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      }),
      { maxLength: 12 },
    );
    /** What is told of `bytes`: payloads end to end, up to a frame that is not plain data or of another stream. */
    const told = (bytes: Buffer): string[] => {
      const parts: string[] = [];
      let last = '';
      const whole = framesIn(bytes);
      for (const { type, flags, stream, payload } of whole.frames) {
        const plain = type === 0 && flags === 0 && payload.length > 0;
        const what = `${type} ${flags} ${stream}`;
        if (plain && last === what) parts.push(`${parts.pop()}${payload.toString('hex')}`);
        else parts.push(`${what} ${payload.toString('hex')}`);
        last = plain ? what : '';
      }
      return [...parts, bytes.subarray(whole.length).toString('hex')];
    };
    fc.assert(
      fc.property(frames, fc.nat(40), fc.nat(60), (all, cutOff, before) => {
        const bytes = Buffer.concat(all.map(({ type, flags, stream, payload }) => frame(type, flags, stream, payload)));
        const chunk = bytes.subarray(0, Math.max(0, bytes.length - cutOff));
        expect(told(withJoinedData(chunk, 0))).to.deep.equal(told(chunk));
        // What belongs to a frame that began in an earlier chunk is not looked at.
        const behind = Buffer.concat([Buffer.alloc(before, 0), chunk]);
        const result = withJoinedData(behind, before);
        expect(result.subarray(0, before).equals(Buffer.alloc(before))).to.equal(true);
        expect(told(result.subarray(before))).to.deep.equal(told(chunk));
      }),
    );
  });
});
