import { encodeListRoomsRequest } from '../../lib/codec/requests.js';
import {
  data,
  frame,
  frameFlags,
  frameTypes,
  goAway,
  grpcMessage,
  ping,
  preface,
  priority,
  request,
  reset,
  settingNames,
  settings,
  settingsOf,
  windowUpdate,
} from '../server/rpc/http2-frames.js';
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

const historyPath = '/chit.v1.ChatService/ReadHistory';
const roomsPath = '/chit.v1.ChatService/ListRooms';

/** A unary call as a good client makes it. */
function call(stream: number): Buffer {
  return Buffer.concat([
    request(stream, roomsPath),
    data(stream, grpcMessage(encodeListRoomsRequest()), { end: true }),
  ]);
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
  at(1, goAway(0)),
  at(random.between(1, 2), call(3), frame(frameTypes.settings, frameFlags.ack, 0, Buffer.alloc(6))),
];

/** The same on Node 22.23. */
const callWithGoaway: Writer = (random) => [
  at(0, greeting),
  at(random.between(1, 3), ...(random.chance(0.5) ? [call(1)] : [])),
  at(random.between(1, 3), goAway(random.between(1, 13))),
  at(random.between(0, 1), call(3)),
];

/** A head that promises more than comes, and then silence. */
const halfFrame: Writer = (random) => {
  const whole = random.pick([call(1), goAway(0), settings, ping()]);
  return [at(0, greeting, call(3)), at(random.between(0, 20), whole.subarray(0, random.between(1, whole.length - 1)))];
};

/** One frame, again and again. */
const flood: Writer = (random) => {
  const one = random.pick([
    settings,
    settingsOf([settingNames.initialWindowSize, 0xffff]),
    goAway(0),
    goAway(2),
    ping(),
    priority(1, 3),
    windowUpdate(0, 1),
    data(1, Buffer.alloc(0)),
    frame(frameTypes.continuation, 0, 1, Buffer.alloc(8)),
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

const writers: Readonly<Record<string, Writer>> = {
  'a call after GOAWAY': callAfterGoaway,
  'a call with GOAWAY': callWithGoaway,
  'half a frame': halfFrame,
  'a flood of one frame': flood,
  'rapid resets': rapidReset,
};

export const frameScriptNames = Object.keys(writers);

/** What a hostile connection sends: a pure function of the source of chance. */
export function frameScript(random: Random): FrameScript {
  const name = random.pick(frameScriptNames);
  return { name, pieces: (writers[name] as Writer)(random) };
}
