import { messageCodec } from '../../lib/codec/contract.js';
import { roomEvent, type WireEvent } from '../../lib/codec/event-codec.js';
import type { JoinRequest, LeaveRequest, PublishRequest, Welcome } from '../../lib/codec/messages.js';
import { fixed64OfChain } from '../../lib/codec/wire-types.js';
import type { RoomEvent } from '../../lib/core/event.js';

/*
 * The side of the contract that no program of this project needs: other clients make these calls and read these responses.
 */

export function encodeSubscribeRequest({
  lamport,
  join,
}: {
  readonly lamport: number;
  readonly join: JoinRequest;
}): Buffer {
  const resume = join.resume && { ...join.resume, chain: fixed64OfChain(join.resume.chain) };
  return messageCodec('SubscribeRequest').encode({ lamport, join: { ...join, resume } });
}

export function encodePublishRequest({ session, lamport, text, ordinal, seen }: PublishRequest): Buffer {
  return messageCodec('PublishRequest').encode({ session, lamport, message: { text, ordinal: String(ordinal), seen } });
}

export function encodeLeaveRequest(request: LeaveRequest): Buffer {
  return messageCodec('LeaveRequest').encode({ ...request });
}

export function encodeListParticipantsRequest(request: { readonly room: string }): Buffer {
  return messageCodec('ListParticipantsRequest').encode({ ...request });
}

/** Also a SubscribeResponse: `welcome` has the same field number there. */
export function encodeWelcome(welcome: Welcome): Buffer {
  return messageCodec('ChatResponse').encode({ welcome: { ...welcome, chain: fixed64OfChain(welcome.chain) } });
}

export function decodePublishResponse(bytes: Uint8Array): { readonly event: RoomEvent; readonly duplicate: boolean } {
  const { event, duplicate } = messageCodec('PublishResponse').decode(bytes) as {
    event: WireEvent;
    duplicate: boolean;
  };
  return { event: roomEvent(event), duplicate };
}

export function decodeLeaveResponse(bytes: Uint8Array): { readonly event: RoomEvent } {
  const { event } = messageCodec('LeaveResponse').decode(bytes) as { event: WireEvent };
  return { event: roomEvent(event) };
}

export function decodeParticipants(bytes: Uint8Array): string[] {
  return (messageCodec('ListParticipantsResponse').decode(bytes) as { participants: string[] }).participants;
}
