import { sha256 } from '#sha256';

/** The chain before a room's first event. */
export const chainStart = '0000000000000000';

const kindCodes = { joined: 1, message: 2, left: 3 } as const;

/** What of an event goes into the chain; a `RoomEvent` is one as it is. */
export interface ChainLink {
  readonly sequence: number;
  readonly lamport: number;
  /** 0 if the event is no message. */
  readonly seen?: number;
  readonly kind: keyof typeof kindCodes;
  readonly participant: string;
  /** Empty if the event is no message. */
  readonly text?: string;
}

/**
 * The fingerprint of a history that was `previous` and goes on with `link` [P1]: the first 8 bytes of SHA-256 over the
 * fields that proto/chit/v1/chat.proto lists at `Event.chain`, as 16 hex digits.
 */
export function nextChain(previous: string, link: ChainLink): string {
  const end = layOut(previous, link);
  return sha256(new Uint8Array(scratch.bytes.buffer, 0, end)).slice(0, 16);
}

/** The bytes that are hashed; public for the worked example of docs/protocol.md. */
export function chainBytes(previous: string, link: ChainLink): Uint8Array {
  const end = layOut(previous, link);
  return scratch.bytes.slice(0, end);
}

/** What each hexadecimal digit counts, by its code. */
const digits = Int16Array.from({ length: 128 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code)));

/** Writes a chain's 8 bytes, the highest first. False where it is no 16 hex digits: then they say nothing. */
export function writeChain(chain: string, into: Uint8Array, at: number): boolean {
  let all = chain.length === 16 ? 0 : -1;
  for (let index = 0; index < 8; index += 1) {
    const high = digits[chain.charCodeAt(2 * index)] ?? -1;
    const low = digits[chain.charCodeAt(2 * index + 1)] ?? -1;
    into[at + index] = high * 16 + low;
    all |= high | low;
  }
  return all >= 0;
}

/** Where links are laid out: there is one for each message. */
let scratch = scratchOf(1024);
const utf8 = new TextEncoder();

function scratchOf(size: number) {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** Lays the bytes that are hashed into `scratch`; the result is where they end. */
function layOut(previous: string, { sequence, lamport, seen = 0, kind, participant, text = '' }: ChainLink): number {
  // A code unit takes three bytes of UTF-8 at most.
  const bytesMax = 8 * 4 + 1 + 4 + 4 + 3 * (participant.length + text.length);
  if (scratch.bytes.length < bytesMax) scratch = scratchOf(bytesMax);
  writeChain(previous, scratch.bytes, 0);
  writeUint64(sequence, 8);
  writeUint64(lamport, 16);
  writeUint64(seen, 24);
  scratch.view.setUint8(32, kindCodes[kind]);
  return writeText(text, writeText(participant, 33));
}

function writeUint64(value: number, at: number): void {
  scratch.view.setUint32(at, value / 2 ** 32);
  scratch.view.setUint32(at + 4, value);
}

/** Up to so many characters of ASCII cost less in a loop than the way to the encoder and back. */
const loopedMax = 32;

/** The text in UTF-8 behind its length in bytes; the result is where it ends. */
function writeText(text: string, at: number): number {
  const { bytes, view } = scratch;
  const begin = at + 4;
  let length = 0;
  while (length < text.length && length < loopedMax) {
    const code = text.charCodeAt(length);
    if (code >= 128) break;
    bytes[begin + length] = code;
    length += 1;
  }
  if (length < text.length) length = utf8.encodeInto(text, bytes.subarray(begin)).written;
  view.setUint32(at, length);
  return begin + length;
}
