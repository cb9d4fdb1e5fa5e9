import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeSegment,
  encodeFrame,
  encodeHeader,
  erasedMarks,
  frameBytes,
  framesAt,
  type Payload,
  type SegmentContent,
} from '../../../../lib/server/log/write-ahead/segment-format.js';

const boot = 'de305d54-75b4-431b-adb2-eb6b9e546014';

/** A segment while it is written, as `Segment` does: over what was there, from its beginning to its end. */
class WrittenSegment {
  readonly bytes: Buffer;
  readonly seed: Buffer;
  readonly generation: number;
  readonly ends: number[] = [];

  constructor(
    size: number,
    { generation = 1, over = Buffer.alloc(0) as Buffer, seed = randomBytes(8) as Buffer } = {},
  ) {
    this.bytes = Buffer.alloc(size);
    over.copy(this.bytes);
    this.seed = seed;
    this.generation = generation;
    encodeHeader({ generation, seed, boot, spent: false }).copy(this.bytes);
  }

  get end(): number {
    return this.ends.at(-1) ?? framesAt;
  }

  add(payload: Buffer): Buffer {
    const frame = encodeFrame(of(payload), this.seed, this.end);
    frame.copy(this.bytes, this.end);
    this.ends.push(this.end + frame.length);
    return frame;
  }
}

/** What is to be written of `bytes`. */
function of(bytes: Buffer): Payload {
  return { bytes: bytes.length, write: (target, from) => target.set(bytes, from) };
}

/** Whether the two are the same, without a message that takes longer than the comparison. */
function same(payloads: readonly Buffer[], expected: readonly Buffer[]): boolean {
  return payloads.length === expected.length && payloads.every((payload, at) => payload.equals(expected[at] as Buffer));
}

function payloadsAre(content: SegmentContent, expected: readonly Buffer[], what = ''): void {
  expect(same(content.payloads, expected), what).to.equal(true);
}

describe('The format of a write-ahead segment', () => {
  const payload = (length: number, fill = 7): Buffer =>
    Buffer.from(Array.from({ length }, (_, at) => (at * 31 + fill) & 255));

  it('gives back frames of every length, and says who began it and when', () => {
    for (let length = 1; length < 80; length += 1) {
      const segment = new WrittenSegment(4096, { generation: 2 ** 40 + length });
      const written = [length, 1, length, 8 - (length % 8)].map((each) => payload(each, length));
      for (const each of written) segment.add(each);
      const content = decodeSegment(segment.bytes);
      payloadsAre(content, written);
      expect(content.end).to.equal('whole');
      expect(content.header).to.deep.equal({ generation: 2 ** 40 + length, seed: segment.seed, boot, spent: false });
      expect(segment.ends.every((end) => end % 8 === 0)).to.equal(true);
      expect(segment.ends[0]).to.equal(framesAt + frameBytes(length));
    }
  });

  it('has nothing where it was never begun, was begun and not written to, or is spent', () => {
    const whole = { payloads: [], end: 'whole' };
    expect(decodeSegment(Buffer.alloc(0))).to.deep.include(whole);
    expect(decodeSegment(Buffer.alloc(8192))).to.deep.include(whole);
    expect(decodeSegment(new WrittenSegment(framesAt).bytes)).to.deep.include(whole);
    const segment = new WrittenSegment(4096);
    segment.add(payload(100));
    encodeHeader({ generation: 1, seed: segment.seed, boot, spent: true }).copy(segment.bytes);
    expect(decodeSegment(segment.bytes)).to.deep.include(whole);
    // Where power was lost while it was being spent, one copy says so.
    encodeHeader({ generation: 1, seed: segment.seed, boot, spent: false }).copy(segment.bytes, 512, 512, 1024);
    expect(decodeSegment(segment.bytes)).to.deep.include(whole);
  });

  it('with any bit flipped gives back all that was written, or says that it is damaged [P1]', () => {
    // What was there before is neither nothing nor of this generation.
    const before = new WrittenSegment(framesAt + 400);
    for (let at = 0; at < 8; at += 1) before.add(payload(17, at));
    const segment = new WrittenSegment(framesAt + 400, { generation: 3, over: before.bytes });
    const written = [payload(21, 1), payload(40, 2), payload(3, 3)];
    for (const each of written) segment.add(each);
    const { bytes } = segment;
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flip = () => {
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      };
      flip();
      const { payloads, end } = decodeSegment(bytes);
      flip();
      if (same(payloads, written)) {
        if (end !== 'whole') expect.fail(`bit ${bit}: all is there, and it is called ${end}`);
        continue;
      }
      // What is left is as it was written, and it is not only the last frame's write that may be called unfinished.
      if (!payloads.every((each) => written.some((one) => one.equals(each))))
        expect.fail(`bit ${bit}: a wrong payload`);
      const isLast = bit >> 3 >= (segment.ends[1] as number);
      if (end !== (isLast ? 'broken' : 'damaged')) expect.fail(`bit ${bit}: a loss is called ${end}`);
    }
  });

  it('with any bytes damaged that follow each other gives back no wrong payload, and never loses one before others silently', () => {
    const segment = new WrittenSegment(framesAt + 512);
    const written = [payload(60, 1), payload(9, 2), payload(33, 3), payload(80, 4)];
    for (const each of written) segment.add(each);
    const damage = fc.record({
      at: fc.nat(segment.end - 1),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 700 }),
    });
    fc.assert(
      fc.property(damage, ({ at, bytes }) => {
        const damaged = Buffer.from(segment.bytes);
        damaged.set(bytes.subarray(0, damaged.length - at), at);
        const { payloads, end } = decodeSegment(damaged);
        if (!payloads.every((each) => written.some((one) => one.equals(each)))) return false;
        const lost = written.filter((one) => !payloads.some((each) => each.equals(one)));
        // At its end, a frame without both of its marks is one whose write never began.
        const isTail = same(payloads, written.slice(0, payloads.length));
        return lost.length === 0 || end === 'damaged' || isTail;
      }),
      { numRuns: 2000 },
    );
  });

  it('that ends with a write that was not finished has all before it, and calls that no damage [P4]', () => {
    for (const over of [0, 0xff, undefined]) {
      const old = new WrittenSegment(framesAt + 800);
      while (old.end < framesAt + 600) old.add(payload(40, old.end));
      const before = over === undefined ? old.bytes : Buffer.alloc(framesAt + 800, over);
      const segment = new WrittenSegment(framesAt + 800, { generation: 2, over: before });
      const written = [payload(21, 1), payload(40, 2)];
      for (const each of written) segment.add(each);
      const last = payload(77, 3);
      const frame = encodeFrame(of(last), segment.seed, segment.end);
      const start = segment.end;
      for (let done = 0; done < frame.length; done += 1) {
        const cut = Buffer.from(segment.bytes);
        frame.copy(cut, start, 0, done);
        const content = decodeSegment(cut);
        // Its end mark is there for the case that something before it is damaged.
        const isThere = same(content.payloads, [...written, last]);
        if (isThere) expect(done).to.be.greaterThan(16 + last.length - 1);
        else payloadsAre(content, written, `${done} bytes`);
        expect(['whole', 'unfinished'], `${done} bytes of the last frame, over ${over}`).to.include(content.end);
        // The same where the file ends there.
        const short = decodeSegment(cut.subarray(0, start + done));
        if (!same(short.payloads, [...written, last])) payloadsAre(short, written);
        expect(['whole', 'unfinished']).to.include(short.end);
      }
    }
  });

  it('whose header was not written to its end was never begun', () => {
    const header = encodeHeader({ generation: 1, seed: randomBytes(8), boot, spent: false });
    for (let done = 0; done <= header.length; done += 1) {
      const zeros = Buffer.alloc(4096);
      header.copy(zeros, 0, 0, done);
      for (const bytes of [header.subarray(0, done), zeros]) {
        expect(decodeSegment(bytes), `${done} bytes`).to.deep.include({ payloads: [], end: 'whole' });
      }
    }
  });

  it('whose header is damaged in both copies, with frames behind it, is damaged', () => {
    const segment = new WrittenSegment(4096);
    segment.add(payload(50));
    for (const at of [3, 600]) segment.bytes.writeUInt8(segment.bytes.readUInt8(at) ^ 4, at);
    expect(decodeSegment(segment.bytes)).to.deep.equal({ header: undefined, payloads: [], end: 'damaged' });
  });

  it('is of the newer generation where its header has copies of two, and nothing of the older one is in it', () => {
    const old = new WrittenSegment(4096);
    old.add(payload(50, 1));
    old.add(payload(50, 2));
    const next = new WrittenSegment(4096, { generation: 3, over: old.bytes });
    const torn = [
      Buffer.concat([next.bytes.subarray(0, 512), old.bytes.subarray(512)]),
      Buffer.concat([old.bytes.subarray(0, 512), next.bytes.subarray(512, 1024), old.bytes.subarray(1024)]),
    ];
    for (const bytes of torn) {
      const { header, payloads, end } = decodeSegment(bytes);
      expect({ generation: header?.generation, payloads, end }).to.deep.equal({
        generation: 3,
        payloads: [],
        end: 'whole',
      });
    }
  });

  it('has only what was written to it last, wherever the frames of earlier generations lie', () => {
    const length = fc.integer({ min: 1, max: 90 });
    const generations = fc.array(fc.array(length, { maxLength: 8 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(generations, (frames) => {
        let over: Buffer = Buffer.alloc(4096);
        for (const [index, lengths] of frames.entries()) {
          const segment = new WrittenSegment(4096, { generation: index + 1, over });
          const written = lengths.map((each, at) => payload(each, index * 7 + at));
          for (const each of written) segment.add(each);
          const { payloads, end, header } = decodeSegment(segment.bytes);
          if (!same(payloads, written) || end !== 'whole' || header?.generation !== index + 1) return false;
          over = Buffer.from(segment.bytes);
        }
        return true;
      }),
      { numRuns: 500 },
    );
  });

  it('reads a payload as one, though it looks like a header, like marks, or like frames of an earlier generation', () => {
    const old = new WrittenSegment(4096, { seed: Buffer.from('an older') });
    const oldFrame = old.add(payload(64));
    const segment = new WrittenSegment(8192, { generation: 2, over: old.bytes });
    const written = [
      encodeHeader({ generation: 9, seed: old.seed, boot, spent: true }),
      Buffer.concat([oldFrame, Buffer.from('CHITAHD1'), oldFrame]),
      // Nobody but who can read the disk knows it; even so it is no frame where it stands.
      Buffer.concat([segment.seed, Buffer.alloc(8), segment.seed]),
      encodeFrame(of(payload(24)), segment.seed, segment.end),
    ];
    for (const each of written) segment.add(each);
    const content = decodeSegment(segment.bytes);
    payloadsAre(content, written);
    expect(content.end).to.equal('whole');
  });

  it('has no frame where its marks were erased, and goes on over it', () => {
    for (const length of [1, 8, 33, 200]) {
      const segment = new WrittenSegment(4096);
      segment.add(payload(20, 1));
      const refused = encodeFrame(of(payload(length, 2)), segment.seed, segment.end);
      refused.copy(segment.bytes, segment.end);
      for (const [at, zeros] of erasedMarks(refused)) zeros.copy(segment.bytes, segment.end + at);
      const erased = decodeSegment(segment.bytes);
      payloadsAre(erased, [payload(20, 1)]);
      expect(erased.end).to.equal('whole');
      segment.add(payload(30, 3));
      const gone = decodeSegment(segment.bytes);
      payloadsAre(gone, [payload(20, 1), payload(30, 3)]);
      expect(gone.end).to.equal('whole');
    }
  });
});
