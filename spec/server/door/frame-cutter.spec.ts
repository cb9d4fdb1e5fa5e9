import { expect } from 'chai';
import fc from 'fast-check';
import { FrameCutter, type Handling } from '../../../lib/server/door/frame-cutter.js';
import { frame } from '../rpc/http2-frames.js';

const frames = fc.array(
  fc.record({
    type: fc.integer({ min: 0, max: 3 }),
    flags: fc.integer({ min: 0, max: 255 }),
    stream: fc.integer({ min: 0, max: 0x7fffffff }),
    payload: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  }),
  { maxLength: 12 },
);

/** `bytes` in chunks that end at the given places. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

/** What becomes of `chunks` where each type of frame has its handling; a frame that is gathered goes on backwards. */
function sieved(chunks: readonly Buffer[], handlings: readonly Handling[]) {
  const heads: number[][] = [];
  const gathered: string[] = [];
  const passed: Buffer[] = [];
  const cutter = new FrameCutter({
    head: (type, flags, stream, length) => {
      heads.push([type, flags, stream, length]);
      return handlings[type] as Handling;
    },
    gathered: (whole) => {
      gathered.push(whole.toString('hex'));
      return whole.length % 2 ? Buffer.from(whole).reverse() : undefined;
    },
    pass: (bytes) => {
      passed.push(bytes);
    },
  });
  for (const chunk of chunks) cutter.cut(chunk);
  return { heads, gathered, passed: Buffer.concat(passed), parts: passed, cutter };
}

describe('a frame cutter', () => {
  it('gives back a frame that is to be held and all behind it, to be cut again, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat()), (made, places) => {
        const bytes = Buffer.concat(
          made.map(({ type, flags, stream, payload }) => frame(type, flags, stream, payload)),
        );
        const passed: Buffer[] = [];
        let heldTimes = 0;
        const cutter = new FrameCutter({
          head: (type) => {
            if (type !== 1 || heldTimes > 0) return 'pass';
            heldTimes += 1;
            return 'hold';
          },
          gathered: () => undefined,
          pass: (part) => {
            passed.push(part);
          },
          held: (rest) => cutter.cut(rest),
        });
        for (const chunk of cutAt(bytes, places)) cutter.cut(chunk);
        expect(heldTimes).to.equal(made.some(({ type }) => type === 1) ? 1 : 0);
        expect(Buffer.concat(passed).equals(bytes)).to.equal(true);
        expect(cutter.atBoundary).to.equal(true);
      }),
    );
  });

  it('sees and hands on the same, wherever the bytes are cut', () => {
    const handling = fc.constantFrom<Handling>('pass', 'gather', 'skip', 'stop');
    fc.assert(
      fc.property(
        frames,
        fc.array(fc.nat()),
        fc.tuple(fc.constant<Handling>('pass'), handling, handling, fc.constant<Handling>('gather')),
        (made, places, handlings) => {
          const bytes = Buffer.concat(
            made.map(({ type, flags, stream, payload }) => frame(type, flags, stream, payload)),
          );
          const whole = sieved([bytes], handlings);
          const cut = sieved(cutAt(bytes, places), handlings);
          expect(cut.heads).to.deep.equal(whole.heads);
          expect(cut.gathered).to.deep.equal(whole.gathered);
          expect(cut.passed.equals(whole.passed)).to.equal(true);
          const stopped = made.findIndex(({ type }) => handlings[type] === 'stop');
          expect(whole.heads).to.have.length(stopped < 0 ? made.length : stopped + 1);
          if (stopped < 0) expect(cut.cutter.atBoundary).to.equal(true);
        },
      ),
    );
  });

  it('hands on what passes and nothing of what is skipped', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat()), (made, places) => {
        const isSkipped = ({ type }: { type: number }) => type === 1 || type === 3;
        const bytes = (some: typeof made) =>
          Buffer.concat(some.map(({ type, flags, stream, payload }) => frame(type, flags, stream, payload)));
        const { passed } = sieved(cutAt(bytes(made), places), ['pass', 'skip', 'pass', 'skip']);
        expect(passed.equals(bytes(made.filter((one) => !isSkipped(one))))).to.equal(true);
      }),
    );
  });

  it('hands on a chunk of which all passes as it is, so that nothing is copied', () => {
    const bytes = Buffer.concat([frame(0, 0, 1, Buffer.from('abc')), frame(0, 1, 1, Buffer.alloc(0))]);
    const { parts } = sieved([bytes], ['pass']);
    expect(parts).to.have.length(1);
    expect(parts[0]).to.equal(bytes);
  });

  it('hands on all before the frame at which it stops, and nothing after it', () => {
    const before = frame(0, 0, 1, Buffer.from('abc'));
    const { passed, cutter } = sieved(
      [Buffer.concat([before, frame(1, 0, 1, Buffer.from('x')), before])],
      ['pass', 'stop'],
    );
    expect(passed.equals(before)).to.equal(true);
    cutter.cut(before);
    expect(passed.equals(before)).to.equal(true);
  });

  it('knows whether it is between frames', () => {
    const bytes = frame(0, 0, 1, Buffer.from('abc'));
    for (let end = 1; end < bytes.length; end += 1) {
      expect(sieved([bytes.subarray(0, end)], ['pass']).cutter.atBoundary, `after ${end} bytes`).to.equal(false);
    }
    expect(sieved([bytes], ['pass']).cutter.atBoundary).to.equal(true);
  });
});
