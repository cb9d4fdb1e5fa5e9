import type { Rejection, RejectionReason } from '../core/rejection.js';
import { messageCodec } from './contract.js';
import { roomEvent, roomEvents, type WireEvent } from './event-codec.js';
import type { ChatResponse, Farewell, FarewellReason, HistoryPage, RoomsPage, Welcome } from './messages.js';
import type { ParticipantNames } from './participant-names.js';
import {
  chainOfFixed64,
  enumName,
  exactInteger,
  exactNumber,
  fixed64OfChain,
  varintBytes,
  writeVarint,
} from './wire-types.js';

const chatResponse = messageCodec('ChatResponse');
const welcomeMessage = messageCodec('Welcome');
const publishResponse = messageCodec('PublishResponse');
const readHistoryResponse = messageCodec('ReadHistoryResponse');
const listRoomsResponse = messageCodec('ListRoomsResponse');
const listParticipantsResponse = messageCodec('ListParticipantsResponse');
const rejectionMessage = messageCodec('Rejection');

const rejectionPrefix = 'REJECTION_REASON_';
const farewellPrefix = 'FAREWELL_REASON_';

/** A welcome that is to be sent: its names are encoded already. */
export type WelcomeToAll = Omit<Welcome, 'participants'> & { readonly participants: ParticipantNames };

/** The tag of a ChatResponse's `welcome`: field number · 8 + 2, length-delimited. */
const welcomeTag = 0x12;

/**
 * A welcome, also of a SubscribeResponse, in two parts that are laid end to end: what is its own, and the names, which
 * are the same bytes in every welcome with the same list.
 */
export function encodeWelcomeToAll({ participants, ...welcome }: WelcomeToAll): readonly [own: Buffer, names: Buffer] {
  const names = participants.encoded;
  const fields = welcomeMessage.encode({ ...welcome, chain: fixed64OfChain(welcome.chain) });
  const length = fields.length + names.length;
  const own = Buffer.allocUnsafe(1 + varintBytes(length) + fields.length);
  own[0] = welcomeTag;
  fields.copy(own, writeVarint(length, own, 1));
  return [own, names];
}

/** A ChatResponse; a SubscribeResponse has no place for it. */
export function encodeRejectionResponse(rejection: Rejection): Buffer {
  return chatResponse.encode({ rejection: wireRejection(rejection) });
}

/** Also a SubscribeResponse. */
export function encodeFarewell({ reason, resume }: Farewell): Buffer {
  return chatResponse.encode({ farewell: { reason: farewellPrefix + reason, resume } });
}

export function decodeChatResponse(bytes: Uint8Array): ChatResponse {
  const { events, welcome, rejection, farewell } = chatResponse.decode(bytes) as {
    events: WireEvent[];
    welcome: WireWelcome | null;
    rejection: WireRejection | null;
    farewell: { reason: string | number; resume: boolean } | null;
  };
  return {
    events: events.map(roomEvent),
    welcome: welcome ? welcomeOf(welcome) : undefined,
    rejection: rejection ? rejectionOf(rejection) : undefined,
    farewell: farewell
      ? { reason: enumName<FarewellReason>(farewell.reason, farewellPrefix), resume: farewell.resume }
      : undefined,
  };
}

/** `event`: as `encodeEvent` made it. */
export function encodePublishResponse(event: Buffer, duplicate: boolean): Buffer {
  return duplicate ? Buffer.concat([event, publishResponse.encode({ duplicate })]) : event;
}

/** `events`: encodings that `encodeEvent` made, end to end, in one piece or in several. */
export function encodeHistoryPage(events: Buffer | readonly Buffer[], logId: string, newest: number): Buffer {
  return Buffer.concat([...[events].flat(), readHistoryResponse.encode({ logId, newest })]);
}

export function decodeHistoryPage(bytes: Uint8Array): HistoryPage {
  const { events, logId, newest } = readHistoryResponse.decode(bytes) as {
    events: WireEvent[];
    logId: string;
    newest: string;
  };
  return { events: roomEvents(events), logId, newest: exactNumber(newest) };
}

/** Laid end to end, the encodings of pages are that of one page with all rooms; it has `more` where one of them has. */
export function encodeRoomsPage({ rooms, more }: RoomsPage): Buffer {
  return listRoomsResponse.encode(more ? { rooms, more } : { rooms });
}

export function decodeRoomsPage(bytes: Uint8Array): RoomsPage {
  const { rooms, more } = listRoomsResponse.decode(bytes) as {
    rooms: { name: string; participants: number; sequence: string; lamport: string }[];
    more: boolean;
  };
  return {
    rooms: rooms.map(({ name, participants, sequence, lamport }) => ({
      name,
      participants,
      sequence: exactNumber(sequence),
      lamport: exactNumber(lamport),
    })),
    more,
  };
}

export function encodeParticipants(participants: readonly string[]): Buffer {
  return listParticipantsResponse.encode({ participants });
}

export function encodeRejection(rejection: Rejection): Buffer {
  return rejectionMessage.encode(wireRejection(rejection));
}

export function decodeRejection(bytes: Uint8Array): Rejection {
  return rejectionOf(rejectionMessage.decode(bytes) as unknown as WireRejection);
}

type UintField = 'sequence' | 'lamport' | 'chain' | 'ordinal' | 'newest';
type WireWelcome = Omit<Welcome, UintField> & Readonly<Record<UintField, string>>;

function welcomeOf(wire: WireWelcome): Welcome {
  return {
    ...wire,
    sequence: exactNumber(wire.sequence),
    lamport: exactNumber(wire.lamport),
    chain: chainOfFixed64(wire.chain),
    ordinal: exactNumber(wire.ordinal),
    newest: exactNumber(wire.newest),
  };
}

interface WireRejection extends Omit<Rejection, 'ordinal' | 'reason'> {
  readonly ordinal: string;
  readonly reason: string | number;
}

function wireRejection({ ordinal, reason, detail, retryAfterMs }: Rejection): object {
  return { ordinal: String(ordinal), reason: rejectionPrefix + reason, detail, retryAfterMs };
}

function rejectionOf({ ordinal, reason, detail, retryAfterMs }: WireRejection): Rejection {
  return {
    ordinal: exactInteger(ordinal),
    // Where the client does not know the reason, people still have `detail`.
    reason: enumName<RejectionReason>(reason, rejectionPrefix),
    detail,
    retryAfterMs,
  };
}
