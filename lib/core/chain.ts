import { hash } from 'node:crypto';

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
  return hash('sha256', chainBytes(previous, link), 'hex').slice(0, 16);
}

/** The bytes that are hashed; public for the worked example of docs/protocol.md. */
export function chainBytes(previous: string, link: ChainLink): Buffer {
  const { participant, text = '', seen = 0 } = link;
  const participantBytes = Buffer.byteLength(participant);
  const textBytes = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(8 * 4 + 1 + 4 + participantBytes + 4 + textBytes);
  let at = bytes.write(previous, 0, 'hex');
  at = writeUint64(bytes, link.sequence, at);
  at = writeUint64(bytes, link.lamport, at);
  at = writeUint64(bytes, seen, at);
  at = bytes.writeUInt8(kindCodes[link.kind], at);
  at = bytes.writeUInt32BE(participantBytes, at);
  at += bytes.write(participant, at);
  at = bytes.writeUInt32BE(textBytes, at);
  bytes.write(text, at);
  return bytes;
}

function writeUint64(bytes: Buffer, value: number, at: number): number {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  return bytes.writeUInt32BE(value % 2 ** 32, at + 4);
}
