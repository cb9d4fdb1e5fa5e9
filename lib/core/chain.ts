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
  return sha256(new Uint8Array(scratch.buffer, 0, end)).slice(0, 16);
}

/** The bytes that are hashed; public for the worked example of docs/protocol.md. */
export function chainBytes(previous: string, link: ChainLink): Uint8Array {
  const end = layOut(previous, link);
  return new Uint8Array(scratch.buffer.slice(0, end));
}

/** Where links are laid out: there is one for each message. */
let scratch = new DataView(new ArrayBuffer(1024));
const utf8 = new TextEncoder();

/** Lays the bytes that are hashed into `scratch`; the result is where they end. */
function layOut(previous: string, { sequence, lamport, seen = 0, kind, participant, text = '' }: ChainLink): number {
  // A code unit takes three bytes of UTF-8 at most.
  const bytesMax = 8 * 4 + 1 + 4 + 4 + 3 * (participant.length + text.length);
  if (scratch.byteLength < bytesMax) scratch = new DataView(new ArrayBuffer(bytesMax));
  scratch.setUint32(0, Number.parseInt(previous.slice(0, 8), 16));
  scratch.setUint32(4, Number.parseInt(previous.slice(8, 16), 16));
  writeUint64(sequence, 8);
  writeUint64(lamport, 16);
  writeUint64(seen, 24);
  scratch.setUint8(32, kindCodes[kind]);
  return writeText(text, writeText(participant, 33));
}

function writeUint64(value: number, at: number): void {
  scratch.setUint32(at, value / 2 ** 32);
  scratch.setUint32(at + 4, value);
}

/** The text in UTF-8 behind its length in bytes; the result is where it ends. */
function writeText(text: string, at: number): number {
  const { written } = utf8.encodeInto(text, new Uint8Array(scratch.buffer, at + 4));
  scratch.setUint32(at, written);
  return at + 4 + written;
}
