import { join } from 'node:path';
import { expect } from 'chai';
import {
  openSegmentFile,
  Segment,
  type SegmentFile,
  segmentBytes,
} from '../../../../lib/server/log/write-ahead/segment.js';
import { decodeSegment, framesAt, type Payload } from '../../../../lib/server/log/write-ahead/segment-format.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { Faults, faultyFile } from './faulty-store.js';

describe('A write-ahead segment', () => {
  const newDirectory = temporaryDirectories();
  let path: string;

  beforeEach(() => {
    path = join(newDirectory(), 'ahead-0');
  });

  const segmentOf = (file: SegmentFile, growthBytes = 4096) =>
    new Segment(file, { flushes: true, boot: '', growthBytes });
  const payload = (text: string): Payload => ({
    bytes: Buffer.byteLength(text),
    write: (target, from) => target.write(text, from),
  });
  const found = () => {
    const { payloads, end } = decodeSegment(segmentBytes(path) ?? Buffer.alloc(0));
    return { payloads: payloads.map(String), end };
  };

  it('has what was added, in order, and nothing of it once it is spent', async () => {
    const segment = segmentOf(openSegmentFile(path));
    for (const text of ['one', 'two', 'three']) await segment.add(payload(text), 1);
    expect(found()).to.deep.equal({ payloads: ['one', 'two', 'three'], end: 'whole' });
    await segment.spend();
    expect(found()).to.deep.equal({ payloads: [], end: 'whole' });
    await segment.add(payload('four'), 3);
    expect(found()).to.deep.equal({ payloads: ['four'], end: 'whole' });
    segment.close();
  });

  it('grows ahead of what is added, and shrinks when it is begun anew and was much larger', async () => {
    const file = openSegmentFile(path);
    const segment = segmentOf(file);
    await segment.add(payload('x'.repeat(100)), 1);
    expect(file.size).to.equal(4096);
    await segment.add(payload('x'.repeat(10_000)), 1);
    expect(file.size).to.equal(3 * 4096);
    await segment.spend();
    await segment.add(payload('one'), 3);
    expect(file.size).to.equal(4096);
    segment.close();
  });

  // It wrote zeros from where it had last known the file to end, over frames that had gone beyond that.
  it('keeps frames that were added where it could not grow, when it tries to grow again [P4]', async () => {
    const file = openSegmentFile(path);
    let sizeMax = 2048;
    const full: SegmentFile = {
      ...{ truncate: file.truncate, flush: file.flush, close: file.close },
      get size() {
        return file.size;
      },
      // As a full disk does: what fits is written.
      write(bytes, at) {
        const fitting = Math.max(0, Math.min(bytes.length, sizeMax - at));
        file.write(bytes.subarray(0, fitting), at);
        if (fitting < bytes.length) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      },
    };
    const segment = segmentOf(full, 1024 * 1024);
    const texts: string[] = [];
    const add = async (text: string): Promise<void> => {
      await segment.add(payload(text), 1);
      texts.push(text);
    };
    for (let round = 0; round < 40; round += 1) {
      // Now and then somebody frees a little.
      if (round % 3 === 0) sizeMax += 100;
      await add(`${round} `.repeat(20)).catch((error) => expect(error).to.have.property('code', 'ENOSPC'));
      expect(found()).to.deep.equal({ payloads: texts, end: 'whole' });
    }
    expect(texts.length).to.be.greaterThan(8).and.lessThan(40);
    sizeMax = 4 * 1024 * 1024;
    await add('there is space again');
    await add('and again');
    expect(found()).to.deep.equal({ payloads: texts, end: 'whole' });
    segment.close();
  });

  for (const kind of ['none of it', 'half of it', 'all of it'] as const) {
    it(`has nothing of a frame whose write fails after ${kind}, and goes on [P1]`, async () => {
      for (let first = 1; first <= 3; first += 1) {
        path = join(newDirectory(), 'ahead-0');
        const segment = segmentOf(faultyFile(path, new Faults()));
        await segment.add(payload('one'), 1);
        segment.close();
        // The file is as long as it gets: a frame's write, its flush, and the erasure's writes.
        const faults = new Faults((call) => (call === first ? kind : undefined));
        const again = segmentOf(faultyFile(path, faults));
        const outcome = await again.add(payload('refused'), 3).then(
          () => 'added',
          (error) => error.code,
        );
        expect(outcome, `call ${first}`).to.equal('EIO');
        expect(found().payloads, `call ${first}`).not.to.include('refused');
        await again.add(payload('two'), 3);
        expect(found(), `call ${first}`).to.deep.equal({ payloads: ['two'], end: 'whole' });
        again.close();
      }
    });
  }

  it('is spent only once that is durable, and may be spent again', async () => {
    // Zeros, header, frame and flush; the header that says so, and its flush.
    const faults = new Faults((call) => (call === 5 || call === 7 ? 'none of it' : undefined));
    const segment = segmentOf(faultyFile(path, faults));
    await segment.add(payload('one'), 1);
    expect(faults.calls).to.equal(4);
    for (const call of [5, 7]) {
      expect(await segment.spend().catch((error) => error)).to.have.property('message', `EIO: call ${call}`);
    }
    expect(found().payloads, 'a header that was written is not unwritten').to.deep.equal([]);
    await segment.spend();
    expect(faults.calls).to.equal(9);
    await segment.spend();
    expect(faults.calls, 'it has nothing to spend').to.equal(9);
    segment.close();
  });

  it('has its first frame right behind its header', async () => {
    const segment = segmentOf(openSegmentFile(path));
    await segment.add(payload('one'), 1);
    expect(segmentBytes(path)?.indexOf('one')).to.equal(framesAt + 16);
    segment.close();
  });
});
