import { errorCodes, frameFlags, frameTypes, settingNames } from '../server/rpc/http2-frames.js';
import type { Random } from '../simulation/random.js';
import { hostileHeaders } from './hostile-headers.js';
import { hostileMessage, nearly, noise, someCall } from './hostile-messages.js';

/** A frame before it is bytes. */
export interface DraftFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
  /** What its head says of its length, if that is not so. */
  readonly saidLength?: number;
}

const draft = (type: number, flags: number, stream: number, payload: Buffer): DraftFrame => ({
  type,
  flags,
  stream,
  payload,
});

/** How many things a connection does at most. */
const actsMax = 10;

/**
 * What one client says on a connection after its preface: calls as they should be, with other frames among them, and then some of
 * it changed. `wildness` is how likely each part is to be wrong, 0 to 1: at 0 all is in order.
 */
export function hostileFrames(random: Random, wildness: number): DraftFrame[] {
  const said: DraftFrame[] = [];
  const open: number[] = [];
  let next = 1;
  if (!random.chance(wildness / 4)) said.push(draft(frameTypes.settings, 0, 0, someSettings(random, wildness)));
  const acts = random.between(1, actsMax);
  for (let act = 0; act < acts; act += 1) {
    const some = open.length > 0 ? random.pick(open) : next;
    switch (
      random.weighted({ call: 8, more: 3, ping: 1, settings: 1, ack: 1, window: 2, reset: 2, goAway: 2, odd: 2 })
    ) {
      case 'call':
        said.push(...callFrames(random, next, wildness));
        open.push(next);
        next += random.chance(0.9) ? 2 : 2 * random.between(1, 50);
        break;
      case 'more':
        said.push(draft(frameTypes.data, 0, some, hostileMessage(random, someCall(random), wildness)));
        break;
      case 'ping':
        said.push(draft(frameTypes.ping, random.chance(wildness) ? frameFlags.ack : 0, 0, noise(random, 8)));
        break;
      case 'settings':
        said.push(draft(frameTypes.settings, 0, 0, someSettings(random, wildness)));
        break;
      case 'ack':
        said.push(draft(frameTypes.settings, frameFlags.ack, 0, Buffer.alloc(random.chance(wildness / 2) ? 6 : 0)));
        break;
      case 'window':
        said.push(draft(frameTypes.windowUpdate, 0, random.chance(0.5) ? 0 : some, uint32(someIncrement(random))));
        break;
      case 'reset':
        said.push(draft(frameTypes.reset, 0, some, uint32(someCode(random))));
        break;
      case 'goAway':
        if (random.chance(0.4)) said.push(goodbye(random));
        break;
      case 'odd':
        if (random.chance(wildness)) said.push(random.chance(0.5) ? oddFrame(random, some) : faultyFrame(random, some));
        break;
    }
  }
  // What comes after a goodbye has ended more servers than anything else.
  if (random.chance(0.25)) {
    said.push(goodbye(random));
    for (let call = random.between(0, 2); call > 0; call -= 1) {
      said.push(...callFrames(random, next, wildness));
      next += 2;
    }
    said.push(faultyFrame(random, next));
  }
  return random.chance(0.5) ? said : mutated(random, said, wildness);
}

/** A whole call: headers in one frame or several, messages, and perhaps the end of its caller's side. */
function callFrames(random: Random, stream: number, wildness: number): DraftFrame[] {
  const kind = someCall(random);
  const block = hostileHeaders(random, kind.path, wildness);
  const ends = !kind.lasts || random.chance(0.3);
  const messages = Array.from({ length: kind.lasts ? random.between(0, 4) : random.pick([0, 1, 1, 1, 1, 2]) }, () =>
    hostileMessage(random, kind, wildness),
  );
  const headersEnd = ends && messages.length === 0 ? frameFlags.endStream : 0;
  const frames = headerFrames(random, stream, block, headersEnd, wildness);
  for (const [index, message] of messages.entries()) {
    const last = ends && index === messages.length - 1 ? frameFlags.endStream : 0;
    if (random.chance(0.2)) {
      const cut = random.between(0, message.length);
      frames.push(draft(frameTypes.data, 0, stream, message.subarray(0, cut)));
      frames.push(draft(frameTypes.data, last, stream, message.subarray(cut)));
    } else if (random.chance(0.15)) {
      const padding = random.between(0, 255);
      const said = random.chance(wildness) ? 255 : padding;
      const payload = Buffer.concat([Buffer.from([said]), message, Buffer.alloc(padding)]);
      frames.push(draft(frameTypes.data, last | frameFlags.padded, stream, payload));
    } else {
      frames.push(draft(frameTypes.data, last, stream, message));
    }
  }
  return frames;
}

function headerFrames(random: Random, stream: number, block: Buffer, flags: number, wildness: number): DraftFrame[] {
  if (random.chance(0.1)) {
    const fields = noise(random, 5);
    return [
      draft(
        frameTypes.headers,
        flags | frameFlags.endHeaders | frameFlags.priority,
        stream,
        Buffer.concat([fields, block]),
      ),
    ];
  }
  if (!random.chance(0.2)) return [draft(frameTypes.headers, flags | frameFlags.endHeaders, stream, block)];
  const cut = random.between(0, block.length);
  const frames = [
    draft(frameTypes.headers, flags, stream, block.subarray(0, cut)),
    draft(frameTypes.continuation, frameFlags.endHeaders, stream, block.subarray(cut)),
  ];
  return random.chance(wildness / 2) ? frames.slice(0, 1) : frames;
}

function someSettings(random: Random, wildness: number): Buffer {
  const values = [0, 1, 100, 16_384, 65_535, 2 ** 24 - 1, 2 ** 31 - 1, 2 ** 32 - 1] as const;
  const count = random.pick([0, 0, 1, 2, 5, ...(random.chance(wildness / 3) ? [40, 400] : [])]);
  const payload = Buffer.alloc(6 * count);
  for (let index = 0; index < count; index += 1) {
    const known = random.pick(Object.values(settingNames));
    const setting = random.chance(0.9) ? known : random.between(0, 65_535);
    // In order: a size of frames that may be, and windows below their most.
    const tame = known === settingNames.maxFrameSize ? 16_384 : known === settingNames.enablePush ? 0 : 65_535;
    payload.writeUInt16BE(setting, 6 * index);
    payload.writeUInt32BE(random.chance(wildness) ? random.pick(values) : tame, 6 * index + 2);
  }
  return payload;
}

const someIncrement = (random: Random): number => random.pick([1, 100, 65_535, 2 ** 20, 2 ** 31 - 1, 0]);
const someCode = (random: Random): number => random.pick([...Object.values(errorCodes), 99, 2 ** 32 - 1]);

function goodbye(random: Random): DraftFrame {
  const last = random.pick([0, 1, 2 ** 31 - 1]);
  return draft(
    frameTypes.goAway,
    0,
    0,
    Buffer.concat([uint32(last), uint32(someCode(random)), noise(random, random.pick([0, 0, 9]))]),
  );
}

/** A frame that is seldom right: of another type, size or stream than its kind has. */
function oddFrame(random: Random, some: number): DraftFrame {
  const type = random.pick([...Object.values(frameTypes), 0xa, 0xc, 0xfa]);
  const stream = random.pick([0, 1, 2, some, some + 2, 2 ** 31 - 1]);
  return draft(
    type,
    random.pick([0, 1, 4, 5, 0xff]),
    stream,
    noise(random, random.pick([0, 1, 3, 4, 5, 6, 7, 8, 9, 40])),
  );
}

/** One fault, of those that RFC 9113 has a connection or a stream end for. */
function faultyFrame(random: Random, stream: number): DraftFrame {
  return random.pick([
    draft(frameTypes.settings, frameFlags.ack, 0, Buffer.alloc(6)),
    draft(frameTypes.settings, 0, 0, Buffer.alloc(5)),
    draft(frameTypes.settings, 0, stream, Buffer.alloc(0)),
    draft(frameTypes.ping, 0, 0, Buffer.alloc(6)),
    draft(frameTypes.ping, frameFlags.ack, 0, Buffer.alloc(8)),
    draft(frameTypes.reset, 0, stream, Buffer.alloc(3)),
    draft(frameTypes.reset, 0, 0, Buffer.alloc(4)),
    draft(frameTypes.windowUpdate, 0, 0, Buffer.alloc(4)),
    draft(frameTypes.windowUpdate, 0, stream, Buffer.alloc(4)),
    draft(frameTypes.windowUpdate, 0, 0, uint32(2 ** 31 - 1)),
    draft(frameTypes.windowUpdate, 0, stream, uint32(2 ** 31 - 1)),
    draft(frameTypes.priority, 0, stream, Buffer.alloc(4)),
    draft(frameTypes.data, 0, stream + 100, Buffer.alloc(1)),
    draft(frameTypes.data, frameFlags.padded, stream, Buffer.from([9, 0])),
    draft(frameTypes.headers, frameFlags.endHeaders, stream, Buffer.from([0x80])),
    draft(frameTypes.headers, frameFlags.endHeaders, stream + 1, Buffer.alloc(0)),
    draft(frameTypes.headers, 0, stream, Buffer.alloc(0)),
    draft(frameTypes.continuation, frameFlags.endHeaders, stream, Buffer.alloc(0)),
    draft(frameTypes.pushPromise, frameFlags.endHeaders, stream, Buffer.alloc(4)),
    draft(frameTypes.goAway, 0, stream, Buffer.alloc(8)),
    draft(frameTypes.goAway, 0, 0, Buffer.alloc(7)),
  ]);
}

/** One to three of the frames changed in themselves or in their order, also those that were right. */
function mutated(random: Random, frames: readonly DraftFrame[], wildness: number): DraftFrame[] {
  const result = [...frames];
  const times = random.chance(wildness) ? random.between(1, 3) : 0;
  for (let time = 0; time < times && result.length > 0; time += 1) {
    const at = random.between(0, result.length - 1);
    const one = result[at] as DraftFrame;
    switch (
      random.weighted({ type: 2, flags: 3, stream: 3, payload: 4, length: 2, twice: 2, without: 2, later: 2, cut: 1 })
    ) {
      case 'type':
        result[at] = { ...one, type: random.between(0, 12) };
        break;
      case 'flags':
        result[at] = { ...one, flags: one.flags ^ (1 << random.between(0, 7)) };
        break;
      case 'stream':
        result[at] = { ...one, stream: random.pick([0, 1, 2, 3, one.stream + 1, one.stream + 2, 2 ** 31 - 1]) };
        break;
      case 'payload':
        result[at] = { ...one, payload: nearly(random, one.payload) };
        break;
      case 'length':
        result[at] = { ...one, saidLength: random.pick([0, one.payload.length + 1, 16_385, 2 ** 24 - 1]) };
        break;
      case 'twice':
        result.splice(random.between(at, result.length), 0, one);
        break;
      case 'without':
        result.splice(at, 1);
        break;
      case 'later':
        result.splice(at, 1);
        result.splice(random.between(at, result.length), 0, one);
        break;
      case 'cut':
        result.length = at + 1;
        result[at] = {
          ...one,
          payload: one.payload.subarray(0, one.payload.length / 2),
          saidLength: one.payload.length,
        };
        break;
    }
  }
  return result;
}

/** The bytes of a frame; a length that is not so is said all the same. */
export function bytesOf({ type, flags, stream, payload, saidLength = payload.length }: DraftFrame): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(saidLength, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags & 0xff, 4);
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}
