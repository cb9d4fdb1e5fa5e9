import { fdatasync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { encodeEvent } from '../../../lib/codec/event-codec.js';
import { decodeChatRequest } from '../../../lib/codec/requests.js';
import { chainStart } from '../../../lib/core/chain.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import { defaultLimits } from '../../../lib/core/limits.js';
import { SharedDataFrames } from '../../../lib/server/door/fast-lane.js';
import { FrameGate, type FrameGateParts } from '../../../lib/server/door/frame-gate.js';
import { settingsFrame } from '../../../lib/server/door/http2-frames.js';
import { encodeWelcome } from '../../codec/other-side.js';
import { MessageReader, prefixBytes } from '../load/message-reader.js';

/**
 * What our server is measured against: the same framing, the same events, one write for each participant and turn of the
 * loop, joins waiting for company as ours do; and nothing else. It stores nothing, hashes nothing, checks nothing and
 * remembers nobody who has gone. With the argument `gated` each connection is behind a frame gate as ours are. With `durable FILE` it is so too,
 * and each run is written to the file and flushed before anybody is told: the limit of what a durable round trip can be. Prints its address.
 */

/** Whoever has more waiting for him than this is let go, in bytes. */
const waitingBytesMax = 64 * 1024 * 1024;

interface Guest {
  readonly name: string;
  readonly stream: ServerHttp2Stream;
}

const guests = new Set<Guest>();
const names: string[] = [];
let newcomers: Guest[] = [];
let waiting: Buffer[] = [];
let sequence = 0;
let company: NodeJS.Timeout | undefined;
let flushing = false;

/** The file, which is written from its beginning again when it is full: as a log is that keeps what it needs alone. */
const stored = process.argv[2] === 'durable' ? openSync(process.argv[3] ?? '', 'w+') : undefined;
const storedBytes = 64 * 1024 * 1024;
let storedUpTo = 0;
if (stored !== undefined) {
  for (let at = 0; at < storedBytes; at += 1024 * 1024)
    writeSync(stored, Buffer.alloc(1024 * 1024), 0, 1024 * 1024, at);
  fdatasyncSync(stored);
}

function say(what: { kind: 'joined' } | { kind: 'message'; text: string; ordinal: number; seen: number }, by: string) {
  sequence += 1;
  const event: RoomEvent = {
    ...what,
    participant: by,
    sequence,
    lamport: sequence,
    timeMs: Date.now(),
    chain: chainStart,
  };
  waiting.push(encodeEvent(event));
  if (what.kind === 'joined') company ??= setTimeout(flushWhenIdle, defaultLimits.companyMsMax);
  else if (!flushing) {
    flushing = true;
    setImmediate(flush);
  }
}

function flushWhenIdle(): void {
  company = undefined;
  if (!flushing) flush();
}

function flush(): void {
  clearTimeout(company);
  company = undefined;
  const place = sequence - waiting.length;
  const run = framed(Buffer.concat(waiting));
  waiting = [];
  const invited = newcomers;
  newcomers = [];
  if (stored === undefined) {
    flushing = false;
    tell(run, place, invited);
    return;
  }
  // What is said meanwhile waits for the next flush.
  flushing = true;
  if (storedUpTo + run.length > storedBytes) storedUpTo = 0;
  storedUpTo += writeSync(stored, run, 0, run.length, storedUpTo);
  fdatasync(stored, (error) => {
    if (error) throw error;
    tell(run, place, invited);
    flushing = false;
    if (waiting.length > 0) flush();
  });
}

function tell(run: Buffer, place: number, invited: readonly Guest[]): void {
  for (const guest of invited) {
    const standing = { session: '', room: '', logId: '', sequence: place, lamport: place, chain: chainStart };
    const visit = { participants: names, resumed: false, textLengthMax: 128, ordinal: 0, newest: place };
    guest.stream.write(framed(encodeWelcome({ ...standing, ...visit })));
    guests.add(guest);
  }
  for (const { name } of invited) names.push(name);
  for (const guest of guests) {
    guest.stream.write(run);
    if (guest.stream.writableLength > waitingBytesMax) guest.stream.destroy();
  }
}

function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, prefixBytes);
  return frame;
}

function welcome(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
  let guest: Guest | undefined;
  let pieces: Buffer[] = [];
  const messages = new MessageReader({
    piece: (bytes, start, end) => pieces.push(bytes.subarray(start, end)),
    finish: () => {
      const { action } = decodeChatRequest(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces));
      pieces = [];
      if (action.kind === 'join') {
        guest = { name: action.name, stream };
        newcomers.push(guest);
        say({ kind: 'joined' }, guest.name);
      } else if (action.kind === 'publish' && guest) {
        const { text, ordinal, seen } = action;
        say({ kind: 'message', text, ordinal: Number(ordinal), seen }, guest.name);
      }
    },
  });
  stream.on('data', (bytes: Buffer) => messages.read(bytes, 0, bytes.length));
  stream.on('error', () => {});
  stream.on('close', () => guest && guests.delete(guest));
}

const server = createHttp2Server();
server.on('stream', welcome);
server.on('sessionError', () => {});
const shared = new SharedDataFrames();
const gates: FrameGateParts = {
  closeMsMax: defaultLimits.closeMsMax,
  stallMsMax: defaultLimits.stallMsMax,
  shared,
  control: { settings: settingsFrame([]), limits: defaultLimits },
  begin: (_, stream) => server.emit('connection', stream),
  refused: () => {},
};
const listener =
  process.argv[2] === 'gated' || stored !== undefined
    ? createServer({ noDelay: true }, (socket) => {
        socket.on('error', () => {});
        new FrameGate(socket, gates);
      })
    : // node:http2 leaves Nagle's algorithm on, which would hold small runs back for the far end's delayed acknowledgement.
      server.on('connection', (socket) => socket.setNoDelay(true));
listener.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${(listener.address() as AddressInfo).port}`));
