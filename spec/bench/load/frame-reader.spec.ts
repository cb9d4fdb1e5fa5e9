import { expect } from 'chai';
import fc from 'fast-check';
import { frame } from '../../server/rpc/http2-frames.js';
import { FrameReader, frameFlags, frameTypes } from './frame-reader.js';

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: string;
}

/** What a reader makes of `chunks`: DATA of one stream laid end to end, other frames as they came. */
function read(chunks: readonly Buffer[]): { data: Map<number, string>; ended: number[]; others: Frame[] } {
  const data = new Map<number, string>();
  const ended: number[] = [];
  const others: Frame[] = [];
  const reader = new FrameReader({
    data: (stream, bytes, start, end) =>
      data.set(stream, (data.get(stream) ?? '') + bytes.subarray(start, end).toString('hex')),
    frame: (type, flags, stream, payload) => others.push({ type, flags, stream, payload: payload.toString('hex') }),
    ended: (stream) => ended.push(stream),
  });
  for (const chunk of chunks) reader.read(chunk);
  return { data, ended, others };
}

const frames = fc.array(
  fc.record({
    type: fc.constantFrom(frameTypes.data, frameTypes.headers, frameTypes.settings, frameTypes.ping),
    flags: fc.constantFrom(0, frameFlags.endStream),
    stream: fc.constantFrom(0, 1, 3),
    payload: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  }),
  { maxLength: 8 },
);

describe('FrameReader', () => {
  it('reads the same frames however the bytes are cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sent, cuts) => {
        const bytes = Buffer.concat(
          sent.map(({ type, flags, stream, payload }) => frame(type, flags, stream, payload)),
        );
        const chunks: Buffer[] = [];
        for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
          const end = at + (cuts[cut % cuts.length] as number);
          chunks.push(bytes.subarray(at, end));
          at = end;
        }
        const received = read(chunks);
        const datas = sent.filter(({ type }) => type === frameTypes.data);
        const others = sent.filter(({ type }) => type !== frameTypes.data);
        expect(received.others).to.deep.equal(others.map((one) => ({ ...one, payload: one.payload.toString('hex') })));
        expect(received.ended).to.deep.equal(datas.filter(({ flags }) => flags).map(({ stream }) => stream));
        for (const stream of [0, 1, 3]) {
          const payloads = datas.filter((one) => one.stream === stream).map(({ payload }) => payload);
          expect(received.data.get(stream) ?? '').to.equal(Buffer.concat(payloads).toString('hex'));
        }
      }),
    );
  });

  it('takes a padded frame, and a huge one that is no DATA, for faults', () => {
    expect(() => read([frame(frameTypes.data, frameFlags.padded, 1, Buffer.alloc(3))])).to.throw('padded');
    expect(() => read([frame(frameTypes.headers, 0, 1, Buffer.alloc(70_000))])).to.throw('70000 bytes');
  });

  it('reads no further than it is told: the rest of the buffer is of another time', () => {
    const stale = frame(frameTypes.ping, 0, 0, Buffer.alloc(8, 2));
    const others: number[] = [];
    const reader = new FrameReader({ data: () => {}, frame: (type) => others.push(type), ended: () => {} });
    reader.read(Buffer.concat([frame(frameTypes.settings, 0, 0, Buffer.alloc(0)), stale]), 9);
    expect(others).to.deep.equal([frameTypes.settings]);
  });
});
