import { writeChain } from '../core/chain.js';
import type { MessageEvent } from '../core/event.js';
import { PlainReader } from './plain-reader.js';
import { varintBytes, writeVarint } from './wire-types.js';

/*
 * Messages come by the thousands. They are encoded, and decoded where they are as plain as they are encoded, without
 * the generic codec's objects, long integers and decimal texts, which cost ten times as much.
 */

/** The tags of proto/chit/v1/chat.proto: field number · 8 + wire type (0 varint, 1 fixed64, 2 length-delimited). */
const tags = {
  event: 0x0a,
  sequence: 0x08,
  lamport: 0x10,
  time: 0x1a,
  seconds: 0x08,
  nanos: 0x10,
  participant: 0x22,
  message: 0x32,
  text: 0x0a,
  ordinal: 0x10,
  seen: 0x18,
  chain: 0x41,
} as const;

const chainBytes = 8;

/**
 * The same bytes as the generic encoder makes of a ChatResponse that holds this event alone; undefined for an event
 * that no room makes, such as one with half of a surrogate pair or a negative number, of which that makes what it may.
 */
export function encodeMessageEvent(event: MessageEvent): Buffer | undefined {
  const { sequence, lamport, timeMs, participant, text, ordinal, seen, chain } = event;
  const seconds = Math.floor(timeMs / 1000);
  const nanos = Math.round((timeMs - seconds * 1000) * 1e6);
  if (!isUint(sequence) || !isUint(lamport) || !isUint(seconds) || !isUint(ordinal) || !isUint(seen)) return undefined;
  if (!participant.isWellFormed() || !text.isWellFormed()) return undefined;
  const participantBytes = Buffer.byteLength(participant);
  const textBytes = Buffer.byteLength(text);
  const timeBytes = 2 + varintBytes(seconds) + varintBytes(nanos);
  const messageBytes = 3 + prefixed(textBytes) + varintBytes(ordinal) + varintBytes(seen);
  const eventBytes =
    6 +
    varintBytes(sequence) +
    varintBytes(lamport) +
    prefixed(timeBytes) +
    prefixed(participantBytes) +
    prefixed(messageBytes) +
    chainBytes;
  const bytes = Buffer.allocUnsafe(1 + prefixed(eventBytes));
  let at = writeField(tags.event, eventBytes, bytes, 0);
  at = writeField(tags.sequence, sequence, bytes, at);
  at = writeField(tags.lamport, lamport, bytes, at);
  at = writeField(tags.time, timeBytes, bytes, at);
  at = writeField(tags.seconds, seconds, bytes, at);
  at = writeField(tags.nanos, nanos, bytes, at);
  at = writeField(tags.participant, participantBytes, bytes, at);
  at += bytes.write(participant, at);
  at = writeField(tags.message, messageBytes, bytes, at);
  at = writeField(tags.text, textBytes, bytes, at);
  at += bytes.write(text, at);
  at = writeField(tags.ordinal, ordinal, bytes, at);
  at = writeField(tags.seen, seen, bytes, at);
  bytes[at++] = tags.chain;
  return writeFixed64(chain, bytes, at) ? bytes : undefined;
}

/** The event that the generic decoder finds in these bytes; undefined where it is no message, or not a plain one. */
export function decodeMessageEvent(bytes: Uint8Array): MessageEvent | undefined {
  const reader = new PlainReader(bytes);
  const event = reader.message(1, readEvent);
  return event && reader.finished ? event : undefined;
}

function readEvent(reader: PlainReader): MessageEvent | undefined {
  const sequence = reader.uint64(1);
  const lamport = reader.uint64(2);
  const timeMs = reader.message(3, readTimeMs) ?? 0;
  const participant = reader.text(4);
  const message = reader.message(6, readMessage);
  const chain = reader.chain(8);
  return message && { kind: 'message', sequence, lamport, timeMs, participant, chain, ...message };
}

function readTimeMs(reader: PlainReader): number {
  const seconds = reader.uint64(1);
  return seconds * 1000 + reader.int32(2) / 1e6;
}

/** The contract's Message. */
function readMessage(reader: PlainReader): PlainMessage {
  return { text: reader.text(1), ordinal: reader.uint64(2), seen: reader.uint64(3) };
}

type PlainMessage = Pick<MessageEvent, 'text' | 'ordinal' | 'seen'>;

interface Publish {
  readonly lamport: number;
  readonly message: PlainMessage;
}

/** What the generic decoder finds in a ChatRequest's bytes; undefined where it is no publish, or not a plain one. */
export function decodePlainChatPublish(bytes: Uint8Array): Publish | undefined {
  const reader = new PlainReader(bytes);
  const lamport = reader.uint64(1);
  const message = reader.message(3, readMessage);
  return message && reader.finished ? { lamport, message } : undefined;
}

/** The same of the bytes of a PublishRequest; undefined where it has no message, or is not plain. */
export function decodePlainPublish(bytes: Uint8Array): (Publish & { readonly session: string }) | undefined {
  const reader = new PlainReader(bytes);
  const session = reader.text(1);
  const lamport = reader.uint64(2);
  const message = reader.message(3, readMessage);
  return message && reader.finished ? { session, lamport, message } : undefined;
}

function isUint(value: number): boolean {
  return value >= 0 && Number.isSafeInteger(value);
}

/** The bytes of a content of so many bytes with its length before it. */
function prefixed(bytes: number): number {
  return varintBytes(bytes) + bytes;
}

/** A number, or the length of what follows, behind its tag. */
function writeField(tag: number, value: number, into: Buffer, at: number): number {
  into[at] = tag;
  return writeVarint(value, into, at + 1);
}

/** Writes a chain as a fixed64, the lowest byte first. False where it is no 16 hex digits. */
function writeFixed64(chain: string, into: Buffer, at: number): boolean {
  if (!writeChain(chain, into, at)) return false;
  for (let low = at, high = at + chainBytes - 1; low < high; low += 1, high -= 1) {
    const byte = into[low] as number;
    into[low] = into[high] as number;
    into[high] = byte;
  }
  return true;
}
