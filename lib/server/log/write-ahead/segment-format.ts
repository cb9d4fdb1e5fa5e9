import { crc32 } from 'node:zlib';

/**
 * A segment, as bytes: two copies of its header, each in a sector of its own, and frames one behind the other, each at
 * a multiple of 8.
 *
 *     header: 8 bytes "CHITAHD1" · u64 generation · 8 bytes seed · u8 spent · u8 length of boot · boot · zeros · u32 CRC-32
 *     frame:  mark · payload · zeros up to a multiple of 8 · mark
 *     mark:   8 bytes seed · u32 length of the payload · u32 CRC-32
 *
 * Numbers are little-endian. A segment is written over from its beginning once the store has what is in it: what is
 * left of earlier generations has another seed, so it is not taken for frames of this one, and neither is what a
 * participant writes. A frame's checksum is of seed, offset, length and payload. With a mark at each end a frame with a
 * damaged mark is still read, and one whose payload is damaged is told from one whose write was not finished: writes
 * reach the page cache from their beginning to their end.
 */
export const framesAt = 2 * 512;

const sectorBytes = 512;
const magic = Buffer.from('CHITAHD1', 'latin1');
const seedBytes = 8;
const markBytes = seedBytes + 8;
const bootBytesMax = 64;

export interface SegmentHeader {
  /** Of a store's two segments, the one with the greater generation was begun later. */
  readonly generation: number;
  /** Random, another one for each generation; 8 bytes. */
  readonly seed: Buffer;
  /** The life of the operating system in which it was begun (`bootId`); empty where that is not known. */
  readonly boot: string;
  /** The store has all that is in it. */
  readonly spent: boolean;
}

/** A segment's first `framesAt` bytes. */
export function encodeHeader({ generation, seed, boot, spent }: SegmentHeader): Buffer {
  const copy = Buffer.alloc(sectorBytes);
  magic.copy(copy);
  let at = copy.writeBigUInt64LE(BigInt(generation), magic.length);
  at += seed.copy(copy, at);
  at = copy.writeUInt8(spent ? 1 : 0, at);
  const bootBytes = Buffer.from(boot, 'latin1').subarray(0, bootBytesMax);
  at = copy.writeUInt8(bootBytes.length, at);
  bootBytes.copy(copy, at);
  copy.writeUInt32LE(crc32(copy.subarray(0, sectorBytes - 4)), sectorBytes - 4);
  return Buffer.concat([copy, copy]);
}

/** The newer one of the two copies that is whole. */
function decodeHeader(bytes: Buffer): SegmentHeader | undefined {
  const copies = [0, sectorBytes].flatMap((at) => headerAt(bytes.subarray(at, at + sectorBytes)) ?? []);
  // Of one generation: it is spent once it says so.
  return copies.sort((a, b) => b.generation - a.generation || Number(b.spent) - Number(a.spent))[0];
}

function headerAt(copy: Buffer): SegmentHeader | undefined {
  if (copy.length < sectorBytes || !copy.subarray(0, magic.length).equals(magic)) return undefined;
  if (copy.readUInt32LE(sectorBytes - 4) !== crc32(copy.subarray(0, sectorBytes - 4))) return undefined;
  const generation = Number(copy.readBigUInt64LE(magic.length));
  const seedAt = magic.length + 8;
  const spentAt = seedAt + seedBytes;
  const bootAt = spentAt + 2;
  return {
    generation,
    seed: Buffer.from(copy.subarray(seedAt, spentAt)),
    boot: copy.toString('latin1', bootAt, bootAt + copy.readUInt8(bootAt - 1)),
    spent: copy.readUInt8(spentAt) === 1,
  };
}

/** How many bytes a frame takes whose payload has `length`. */
export function frameBytes(length: number): number {
  return 2 * markBytes + padded(length);
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** What a frame is to hold. */
export interface Payload {
  readonly bytes: number;
  /** Writes them into `target`, from `from` on. */
  readonly write: (target: Buffer, from: number) => void;
}

/** The frame of `payload` that is to stand at `offset` of a segment with this seed. */
export function encodeFrame({ bytes, write }: Payload, seed: Buffer, offset: number): Buffer {
  const frame = Buffer.allocUnsafe(frameBytes(bytes));
  const end = markBytes + bytes;
  const endMark = frame.length - markBytes;
  write(frame, markBytes);
  frame.fill(0, end, endMark);
  const checksum = checksumOf(frame.subarray(markBytes, end), seed, offset);
  for (const mark of [0, endMark]) {
    frame.set(seed, mark);
    frame.writeUInt32LE(bytes, mark + seedBytes);
    frame.writeUInt32LE(checksum, mark + seedBytes + 4);
  }
  return frame;
}

/** The bytes of its payload: a view, no copy. */
export function payloadIn(frame: Buffer, { bytes }: Payload): Buffer {
  return frame.subarray(markBytes, markBytes + bytes);
}

/** Written over a frame's marks, this makes it no frame: `[where from the frame's beginning, bytes]`. */
export function erasedMarks(frame: Buffer): readonly (readonly [at: number, bytes: Buffer])[] {
  const zeros = Buffer.alloc(markBytes);
  return [
    [0, zeros],
    [frame.length - markBytes, zeros],
  ];
}

/** How a segment's frames end. */
export type SegmentEnd =
  /** With a whole one, or there is none. */
  | 'whole'
  /** With the beginning of one whose write was not finished. */
  | 'unfinished'
  /**
   * With one that has its beginning and its end, and is not what was written: damaged, or partly written when power was
   * lost.
   */
  | 'broken'
  /** One that is not whole is before others that are, or the header cannot be read: what was durable is lost. */
  | 'damaged';

export interface SegmentContent {
  /** Undefined where it was never begun, or is damaged. */
  readonly header: SegmentHeader | undefined;
  /** The payloads of all whole frames, oldest first: views, no copies. */
  readonly payloads: readonly Buffer[];
  readonly end: SegmentEnd;
}

/** What a segment's bytes are. */
export function decodeSegment(bytes: Buffer): SegmentContent {
  const header = decodeHeader(bytes);
  if (!header) {
    // A header that was not written to its end has nothing behind it; zeros may be all that a loss of power left of the
    // first write.
    const isNew = isZeros(bytes.subarray(framesAt)) || isZeros(bytes.subarray(0, framesAt));
    return { header, payloads: [], end: isNew ? 'whole' : 'damaged' };
  }
  if (header.spent) return { header, payloads: [], end: 'whole' };
  const { seed } = header;
  const payloads: Buffer[] = [];
  let isDamaged = false;
  for (let offset = framesAt; ; ) {
    const payload = wholeFrameAt(bytes, offset, seed);
    if (payload) {
      payloads.push(payload);
      offset += frameBytes(payload.length);
      continue;
    }
    const next = nextWholeFrame(bytes, offset + 8, seed);
    if (next !== undefined) {
      isDamaged = true;
      offset = next;
      continue;
    }
    return { header, payloads, end: isDamaged ? 'damaged' : endAt(bytes, offset, seed) };
  }
}

function isZeros(bytes: Buffer): boolean {
  return bytes.equals(Buffer.alloc(bytes.length));
}

interface Mark {
  readonly at: number;
  readonly length: number;
  readonly checksum: number;
}

function markAt(bytes: Buffer, at: number, seed: Buffer): Mark | undefined {
  if (at + markBytes > bytes.length || !bytes.subarray(at, at + seedBytes).equals(seed)) return undefined;
  return { at, length: bytes.readUInt32LE(at + seedBytes), checksum: bytes.readUInt32LE(at + seedBytes + 4) };
}

/** The marks from `from` on. */
function* marksFrom(bytes: Buffer, from: number, seed: Buffer): Generator<Mark, void> {
  for (let at = bytes.indexOf(seed, from); at >= 0; at = bytes.indexOf(seed, at + 1)) {
    const mark = at % 8 === 0 ? markAt(bytes, at, seed) : undefined;
    if (mark) yield mark;
  }
}

/** The payload of the frame at `offset`, where one of its marks and the payload are as they were written. */
function wholeFrameAt(bytes: Buffer, offset: number, seed: Buffer): Buffer | undefined {
  const begin = markAt(bytes, offset, seed);
  const payload = begin && soundPayload(bytes, offset, seed, begin);
  if (payload) return payload;
  const end = endMarkOf(bytes, offset, seed);
  return end && soundPayload(bytes, offset, seed, end);
}

function soundPayload(bytes: Buffer, offset: number, seed: Buffer, { length, checksum }: Mark): Buffer | undefined {
  const from = offset + markBytes;
  if (length === 0 || from + length > bytes.length) return undefined;
  const payload = bytes.subarray(from, from + length);
  return checksumOf(payload, seed, offset) === checksum ? payload : undefined;
}

/** The mark that says that it ends the frame at `offset`. */
function endMarkOf(bytes: Buffer, offset: number, seed: Buffer): Mark | undefined {
  for (const mark of marksFrom(bytes, offset + markBytes, seed)) {
    if (mark.at - padded(mark.length) - markBytes === offset) return mark;
  }
  return undefined;
}

/** Where the first frame from `from` on begins whose beginning and payload are whole. */
function nextWholeFrame(bytes: Buffer, from: number, seed: Buffer): number | undefined {
  for (const mark of marksFrom(bytes, from, seed)) if (soundPayload(bytes, mark.at, seed, mark)) return mark.at;
  return undefined;
}

function endAt(bytes: Buffer, offset: number, seed: Buffer): SegmentEnd {
  if (endMarkOf(bytes, offset, seed)) return 'broken';
  // The mark of the frame's own end, where the beginning's length is damaged.
  if (!marksFrom(bytes, offset + 8, seed).next().done) return 'broken';
  return markAt(bytes, offset, seed) ? 'unfinished' : 'whole';
}

function checksumOf(payload: Buffer, seed: Buffer, offset: number): number {
  const place = Buffer.allocUnsafe(seedBytes + 8);
  seed.copy(place);
  place.writeUInt32LE(offset, seedBytes);
  place.writeUInt32LE(payload.length, seedBytes + 4);
  return crc32(payload, crc32(place));
}
