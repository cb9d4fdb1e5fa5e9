import type { KnownEvent, LeftReason, RoomEvent } from '../core/event.js';
import { messageCodec } from './contract.js';
import { decodeMessageEvent, encodeMessageEvent } from './plain-message.js';
import { chainOfFixed64, enumName, exactNumber, fixed64OfChain } from './wire-types.js';

const chatResponse = messageCodec('ChatResponse');
const leftReasonPrefix = 'LEFT_REASON_';

/**
 * One event as a ChatResponse that holds it alone. Laid end to end, such encodings are one ChatResponse with all their
 * events, and as well one SubscribeResponse and one ReadHistoryResponse: `events` has the same field number in each.
 * The encoding of one event is also that of a PublishResponse's or LeaveResponse's `event`.
 */
export function encodeEvent(event: RoomEvent): Buffer {
  return (event.kind === 'message' ? encodeMessageEvent(event) : undefined) ?? encodeAnyEvent(event);
}

/** The same by the generic encoder, whatever the event. */
export function encodeAnyEvent(event: RoomEvent): Buffer {
  return chatResponse.encode({ events: [wireEvent(event)] });
}

/** The event of an encoding that `encodeEvent` made. Throws where it is of a kind that this contract does not have. */
export function decodeEvent(bytes: Uint8Array): KnownEvent {
  return decodeMessageEvent(bytes) ?? decodeAnyEvent(bytes);
}

/** The same by the generic decoder, whatever the shape. */
export function decodeAnyEvent(bytes: Uint8Array): KnownEvent {
  const [event] = roomEvents(chatResponse.decode(bytes).events);
  if (!event) throw new Error('an event was expected and none is there');
  if (event.kind === 'unknown') throw new Error('an event is of a kind that this contract does not have');
  return event;
}

/** The events of a decoded response's `events`. */
export function roomEvents(events: unknown): RoomEvent[] {
  return (events as WireEvent[]).map(roomEvent);
}

function wireEvent(event: RoomEvent): object {
  const { sequence, lamport, timeMs, participant } = event;
  const seconds = Math.floor(timeMs / 1000);
  return {
    sequence,
    lamport,
    time: { seconds, nanos: Math.round((timeMs - seconds * 1000) * 1e6) },
    participant,
    ...wireKind(event),
    chain: fixed64OfChain(event.chain),
  };
}

function wireKind(event: RoomEvent): object {
  switch (event.kind) {
    case 'joined':
      return { joined: {} };
    case 'message':
      return { message: { text: event.text, ordinal: event.ordinal, seen: event.seen } };
    case 'left':
      return { left: { reason: leftReasonPrefix + event.reason } };
    case 'unknown':
      throw new Error('an event of a kind that this contract does not have is nobody’s to encode');
  }
}

/** An Event as proto-loader decodes it. */
export interface WireEvent {
  readonly sequence: string;
  readonly lamport: string;
  readonly time: { readonly seconds: string; readonly nanos: number } | null;
  readonly participant: string;
  readonly kind: 'joined' | 'message' | 'left' | undefined;
  readonly joined?: object;
  readonly message?: { readonly text: string; readonly ordinal: string; readonly seen: string };
  readonly left?: { readonly reason: string | number };
  readonly chain: string;
}

/** The event; of a kind that only a newer contract has, what all events have. */
export function roomEvent(wire: WireEvent): RoomEvent {
  const stamped = {
    sequence: exactNumber(wire.sequence),
    lamport: exactNumber(wire.lamport),
    timeMs: wire.time ? Number(wire.time.seconds) * 1000 + wire.time.nanos / 1e6 : 0,
    participant: wire.participant,
    chain: chainOfFixed64(wire.chain),
  };
  if (wire.message) {
    const { text, ordinal, seen } = wire.message;
    return { kind: 'message', ...stamped, text, ordinal: exactNumber(ordinal), seen: exactNumber(seen) };
  }
  if (wire.left) {
    return { kind: 'left', ...stamped, reason: enumName<LeftReason>(wire.left.reason, leftReasonPrefix) };
  }
  return { kind: wire.joined ? 'joined' : 'unknown', ...stamped };
}
