import { expect } from 'chai';
import { leftoversOf } from '../../../../lib/server/log/write-ahead/leftovers.js';
import { openStore } from '../../../../lib/server/log/write-ahead/open-store.js';
import { Segment, type SegmentFile } from '../../../../lib/server/log/write-ahead/segment.js';
import { decodeSegment } from '../../../../lib/server/log/write-ahead/segment-format.js';
import { WriteAheadLog } from '../../../../lib/server/log/write-ahead/write-ahead-log.js';
import { eventually } from '../../../system/eventually.js';
import { decode, RoomScript } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';

/**
 * A file on a disk that may say of a flush that it failed, and has done it all the same. What comes later is there
 * after the next one.
 */
class TroubledFile implements SegmentFile {
  /** As it is after a loss of power. */
  onDisk = Buffer.alloc(0);
  /** So many flushes fail. */
  failures = 0;
  #cached = Buffer.alloc(0);

  get size(): number {
    return this.#cached.length;
  }

  write(bytes: Buffer, at: number): void {
    const size = Math.max(this.#cached.length, at + bytes.length);
    this.#cached = Buffer.concat([this.#cached, Buffer.alloc(size - this.#cached.length)]);
    bytes.copy(this.#cached, at);
  }

  truncate(size: number): void {
    this.#cached = this.#cached.subarray(0, size);
  }

  async flush(): Promise<void> {
    const isRefused = this.failures > 0;
    // Of a flush that fails again nothing is known to be there: here nothing is.
    if (!isRefused || !this.#hasFailed) this.onDisk = Buffer.from(this.#cached);
    this.#hasFailed = isRefused;
    if (!isRefused) return;
    this.failures -= 1;
    throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
  }

  #hasFailed = false;

  close(): void {}
}

async function refusal(refused: Promise<unknown>): Promise<string> {
  return refused.then(
    () => 'none',
    (error: Error) => error.message,
  );
}

describe('A segment whose flush fails', () => {
  const options = { flushes: true, boot: 'a boot', growthBytes: 4096 };
  const add = (segment: Segment, text: string) => {
    const bytes = Buffer.from(text);
    return segment.add({ bytes: bytes.length, write: (target, from) => bytes.copy(target, from) }, 1);
  };
  const onDisk = ({ onDisk }: TroubledFile) => {
    const { payloads, end } = decodeSegment(onDisk);
    return [...payloads.map(String), end];
  };

  it('has the frame neither now nor after a loss of power', async () => {
    const file = new TroubledFile();
    const segment = new Segment(file, options);
    await add(segment, 'one');
    file.failures = 1;
    expect(await refusal(add(segment, 'refused'))).to.include('EIO');
    expect(onDisk(file)).to.deep.equal(['one', 'whole']);
    expect(segment.isUnsettled).to.equal(false);
  });

  it('adds nothing more, until what was refused is gone for good', async () => {
    const file = new TroubledFile();
    const segment = new Segment(file, options);
    await add(segment, 'one');
    file.failures = 3;
    expect(await refusal(add(segment, 'a long one that is refused'))).to.include('EIO');
    expect(segment.isUnsettled).to.equal(true);
    expect(await refusal(add(segment, 'two'))).to.include('EIO');
    expect(onDisk(file), 'on the disk').to.deep.equal(['one', 'a long one that is refused', 'whole']);
    await add(segment, 'three');
    expect(onDisk(file)).to.deep.equal(['one', 'three', 'whole']);
  });
});

describe('A write-ahead log whose flushes fail', () => {
  const newDirectory = temporaryDirectories();
  const options = { decode, flushes: true, takeOverBytes: 64 * 1024, takeOverMs: 1, waitingBytesMax: 1024 * 1024 };

  async function open() {
    const directory = newDirectory();
    const [even, odd] = [new TroubledFile(), new TroubledFile()];
    const behind: unknown[] = [];
    const log = WriteAheadLog.open(directory, await openStore(directory, { decode }), {
      ...options,
      open: (path) => (path.endsWith('0') ? even : odd),
      behind: (error) => behind.push(error),
    });
    return { log, even, odd, behind, leftovers: () => leftoversOf([even.onDisk, odd.onDisk], decode, 'later') };
  }

  it('begins no other segment while in this one an event may be that was refused, because another may come in its place', async () => {
    const { log, even, odd, behind, leftovers } = await open();
    const script = new RoomScript('hall');
    const joined = script.group([script.join('Ada')]);
    const other = new RoomScript('hall');
    other.join('Ada');
    // The first generation is in the odd one.
    await log.append(joined);
    odd.failures = Number.POSITIVE_INFINITY;
    expect(await refusal(log.append(script.group([script.say('Ada', 'refused')])))).to.include('could not be written');
    await eventually('the store cannot take over', () => behind.length > 0);
    const instead = other.say('Ada', 'instead');
    expect(await refusal(log.append(other.group([instead])))).to.include('could not be written');
    expect(even.size, 'the other segment').to.equal(0);
    odd.failures = 0;
    await log.append(other.group([instead]));
    await eventually('the store has it', () => even.size > 0 || decodeSegment(odd.onDisk).header?.spent);
    expect(leftovers().isDamaged).to.equal(false);
    expect(log.head('hall')?.place.chain).to.equal(instead.event.chain);
    await log.close();
  });

  it('removes no room whose segment is not given up for good, because the next life would make it anew', async () => {
    const { log, odd, behind, leftovers } = await open();
    const script = new RoomScript('hall');
    await log.append(script.group([script.join('Ada'), ...script.talk('Ada', 3)]));
    odd.failures = Number.POSITIVE_INFINITY;
    await eventually('the segment cannot be given up', () => behind.length > 0);
    expect(await refusal(log.remove('hall'))).to.include('could not be written');
    expect(log.head('hall')).to.not.equal(undefined);
    odd.failures = 0;
    await log.remove('hall');
    expect(log.head('hall')).to.equal(undefined);
    expect(leftovers().groups).to.deep.equal([]);
    await log.close();
  });
});
