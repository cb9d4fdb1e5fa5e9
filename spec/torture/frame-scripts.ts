import { encodeListRoomsRequest, encodeReadHistoryRequest } from '../../lib/codec/requests.js';
import { frame, preface, request, reset, settings } from '../rpc/http2-frames.js';
import type { Random } from '../simulation/random.js';

/** Bytes that go out together, so many milliseconds after those before them. */
export interface Piece {
  readonly afterMs: number;
  readonly bytes: Buffer;
}

/** What one hostile connection sends. */
export interface FrameScript {
  readonly name: string;
  readonly pieces: readonly Piece[];
}

/** RFC 9113, section 6. */
const type = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
const endStream = 1;
const ack = 1;
const historyPath = '/chit.v1.ChatService/ReadHistory';
const roomsPath = '/chit.v1.ChatService/ListRooms';

/** A unary call as a good client makes it. */
function call(stream: number): Buffer {
  return Buffer.concat([
    request(stream, roomsPath),
    frame(type.data, endStream, stream, message(encodeListRoomsRequest())),
  ]);
}

/** A message as gRPC frames it: not compressed, its length, itself. */
export function message(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function goaway(code: number): Buffer {
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(code, 4);
  return frame(type.goaway, 0, 0, payload);
}

function windowUpdate(stream: number, by: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(by);
  return frame(type.windowUpdate, 0, stream, payload);
}

const greeting = Buffer.concat([preface, settings]);

function at(afterMs: number, ...bytes: readonly Buffer[]): Piece {
  return { afterMs, bytes: Buffer.concat(bytes) };
}

type Writer = (random: Random) => readonly Piece[];

/** Reduced from what ended node:http2 natively on Node 20.20: after a GOAWAY of its own, a call and a broken SETTINGS ACK. */
const callAfterGoaway: Writer = (random) => [
  at(0, greeting),
  at(1, call(1)),
  at(1, goaway(0)),
  at(random.between(1, 2), call(3), frame(type.settings, ack, 0, Buffer.alloc(6))),
];

/** The same on Node 22.23. */
const callWithGoaway: Writer = (random) => [
  at(0, greeting),
  at(random.between(1, 3), ...(random.chance(0.5) ? [call(1)] : [])),
  at(random.between(1, 3), goaway(random.between(1, 13))),
  at(random.between(0, 1), call(3)),
];

/** A head that promises more than comes, and then silence. */
const halfFrame: Writer = (random) => {
  const whole = random.pick([call(1), goaway(0), settings, frame(type.ping, 0, 0, Buffer.alloc(8))]);
  return [at(0, greeting, call(3)), at(random.between(0, 20), whole.subarray(0, random.between(1, whole.length - 1)))];
};

/** One frame, again and again. */
const flood: Writer = (random) => {
  const one = random.pick([
    settings,
    frame(type.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0xff, 0xff])),
    goaway(0),
    goaway(2),
    frame(type.ping, 0, 0, Buffer.alloc(8)),
    frame(type.priority, 0, 1, Buffer.from([0, 0, 0, 3, 16])),
    windowUpdate(0, 1),
    frame(type.data, 0, 1, Buffer.alloc(0)),
    frame(type.continuation, 0, 1, Buffer.alloc(8)),
    frame(random.between(0x20, 0xff), 0xff, 0, Buffer.alloc(16)),
  ]);
  const many = Buffer.concat(Array.from({ length: random.between(20, 2_000) }, () => one));
  return [at(0, greeting, request(1, historyPath)), at(1, many), at(1, call(3))];
};

/** Calls that are given up as soon as they are begun. */
const rapidReset: Writer = (random) => {
  const calls = Array.from({ length: random.between(10, 1_000) }, (_, index) => {
    const stream = 2 * index + 1;
    return Buffer.concat([random.chance(0.5) ? request(stream, roomsPath) : call(stream), reset(stream)]);
  });
  return [at(0, greeting), at(1, ...calls)];
};

/** Frames that are right by themselves, in any order. */
const anyOrder: Writer = (random) => {
  const frames = Array.from({ length: random.between(3, 30) }, () => {
    const stream = random.between(0, 9);
    return random.pick([
      () => call(stream),
      () => request(stream, historyPath),
      () =>
        frame(
          type.data,
          random.between(0, 1),
          stream,
          message(encodeReadHistoryRequest({ room: '', after: 0, limit: 9 })),
        ),
      () => reset(stream),
      () => goaway(random.between(0, 13)),
      () => settings,
      () => frame(type.settings, ack, 0, Buffer.alloc(random.pick([0, 0, 6]))),
      () => frame(type.ping, random.between(0, 1), 0, Buffer.alloc(8)),
      () => windowUpdate(stream, random.between(0, 2 ** 31 - 1)),
      () => frame(type.continuation, 4, stream, Buffer.alloc(random.between(0, 40))),
      () => frame(type.push, 4, stream, Buffer.alloc(random.between(4, 40))),
    ])();
  });
  return inPackets(Buffer.concat([greeting, ...frames]), random);
};

/** A good client's bytes, some of them altered, left out or said twice. */
const mutated: Writer = (random) => {
  let bytes = Buffer.concat([
    greeting,
    call(1),
    windowUpdate(0, 1_000),
    frame(type.settings, ack, 0, Buffer.alloc(0)),
    call(3),
    call(5),
    goaway(0),
  ]);
  for (let count = random.between(1, 6); count > 0; count -= 1) {
    const [from, to] = [random.between(preface.length, bytes.length - 1), random.between(1, 12)];
    const [before, part, after] = [bytes.subarray(0, from), bytes.subarray(from, from + to), bytes.subarray(from + to)];
    bytes = random.pick([
      () => Buffer.concat([before, Buffer.from(part.map((byte) => byte ^ (1 << random.between(0, 7)))), after]),
      () => Buffer.concat([before, after]),
      () => Buffer.concat([before, part, part, after]),
      () => Buffer.concat([before, Buffer.from(part.map(() => random.between(0, 255))), after]),
    ])();
  }
  return inPackets(bytes, random);
};

/** The same bytes in pieces, so that packets end within frames too. */
function inPackets(bytes: Buffer, random: Random): Piece[] {
  const pieces: Piece[] = [];
  for (let from = 0; from < bytes.length; ) {
    const to = from + random.between(1, bytes.length);
    pieces.push({ afterMs: random.pick([0, 0, 1, 2, 5]), bytes: bytes.subarray(from, to) });
    from = to;
  }
  return pieces;
}

const writers: Readonly<Record<string, Writer>> = {
  'a call after GOAWAY': callAfterGoaway,
  'a call with GOAWAY': callWithGoaway,
  'half a frame': halfFrame,
  'a flood of one frame': flood,
  'rapid resets': rapidReset,
  'frames in any order': anyOrder,
  'altered traffic': mutated,
};

export const frameScriptNames = Object.keys(writers);

/** What a hostile connection sends: a pure function of the source of chance. */
export function frameScript(random: Random): FrameScript {
  const name = random.pick(frameScriptNames);
  return { name, pieces: (writers[name] as Writer)(random) };
}
