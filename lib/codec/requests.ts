import { messageCodec } from './contract.js';
import type {
  Action,
  ChatRequest,
  JoinRequest,
  LeaveRequest,
  ListRoomsRequest,
  PublishAction,
  PublishRequest,
  ReadHistoryRequest,
} from './messages.js';
import { decodePlainChatPublish, decodePlainPublish } from './plain-message.js';
import { chainOfFixed64, exactInteger, exactNumber, fixed64OfChain } from './wire-types.js';

const chatRequest = messageCodec('ChatRequest');
const subscribeRequest = messageCodec('SubscribeRequest');
const publishRequest = messageCodec('PublishRequest');
const leaveRequest = messageCodec('LeaveRequest');
const readHistoryRequest = messageCodec('ReadHistoryRequest');
const listParticipantsRequest = messageCodec('ListParticipantsRequest');
const listRoomsRequest = messageCodec('ListRoomsRequest');

export function encodeChatRequest({ lamport, action }: ChatRequest): Buffer {
  switch (action.kind) {
    case 'join': {
      const { kind, resume, ...join } = action;
      const wire = resume ? { ...join, resume: { ...resume, chain: fixed64OfChain(resume.chain) } } : join;
      return chatRequest.encode({ lamport, join: wire });
    }
    case 'publish': {
      const { text, ordinal, seen } = action;
      return chatRequest.encode({ lamport, publish: { text, ordinal: String(ordinal), seen } });
    }
    case 'leave':
      return chatRequest.encode({ lamport, leave: {} });
    case 'unknown':
      return chatRequest.encode({ lamport });
  }
}

/** Throws if `bytes` is no ChatRequest; so do the other decoders for theirs. */
export function decodeChatRequest(bytes: Uint8Array): ChatRequest {
  const plain = decodePlainChatPublish(bytes);
  if (!plain) return decodeAnyChatRequest(bytes);
  const { text, ordinal, seen } = plain.message;
  return { lamport: plain.lamport, action: { kind: 'publish', text, ordinal, seen } };
}

/** The same by the generic decoder, whatever the shape. */
export function decodeAnyChatRequest(bytes: Uint8Array): ChatRequest {
  const { lamport, join, publish, leave } = chatRequest.decode(bytes) as {
    lamport: string;
    join?: WireJoin;
    publish?: WireMessage;
    leave?: object;
  };
  let action: Action = { kind: 'unknown' };
  if (join) action = { kind: 'join', ...joinRequest(join) };
  else if (publish) action = { kind: 'publish', ...publishAction(publish) };
  else if (leave) action = { kind: 'leave' };
  return { lamport: exactNumber(lamport), action };
}

/** A request without a join is one with an empty join: its name is refused. */
export function decodeSubscribeRequest(bytes: Uint8Array): { readonly lamport: number; readonly join: JoinRequest } {
  const { lamport, join } = subscribeRequest.decode(bytes) as { lamport: string; join: WireJoin | null };
  return { lamport: exactNumber(lamport), join: joinRequest(join ?? noJoin) };
}

/** A request without a message is one with an empty message: its text is refused. */
export function decodePublishRequest(bytes: Uint8Array): PublishRequest {
  const plain = decodePlainPublish(bytes);
  return plain ? { session: plain.session, lamport: plain.lamport, ...plain.message } : decodeAnyPublishRequest(bytes);
}

/** The same by the generic decoder, whatever the shape. */
export function decodeAnyPublishRequest(bytes: Uint8Array): PublishRequest {
  const { session, lamport, message } = publishRequest.decode(bytes) as {
    session: string;
    lamport: string;
    message: WireMessage | null;
  };
  return { session, lamport: exactNumber(lamport), ...publishAction(message ?? noMessage) };
}

export function decodeLeaveRequest(bytes: Uint8Array): LeaveRequest {
  const { session, lamport } = leaveRequest.decode(bytes) as { session: string; lamport: string };
  return { session, lamport: exactNumber(lamport) };
}

export function encodeReadHistoryRequest({ chain, ...request }: ReadHistoryRequest): Buffer {
  return readHistoryRequest.encode(chain === undefined ? request : { ...request, chain: fixed64OfChain(chain) });
}

export function decodeReadHistoryRequest(bytes: Uint8Array): ReadHistoryRequest {
  const { room, after, limit, chain } = readHistoryRequest.decode(bytes) as {
    room: string;
    after: string;
    limit: number;
    chain?: string;
  };
  const place = { room, after: exactNumber(after), limit };
  return chain === undefined ? place : { ...place, chain: chainOfFixed64(chain) };
}

export function decodeListParticipantsRequest(bytes: Uint8Array): { readonly room: string } {
  const { room } = listParticipantsRequest.decode(bytes) as { room: string };
  return { room };
}

/** Unless told otherwise, the first page. */
export function encodeListRoomsRequest(request: ListRoomsRequest = { limit: 0, after: '' }): Buffer {
  return listRoomsRequest.encode({ ...request });
}

export function decodeListRoomsRequest(bytes: Uint8Array): ListRoomsRequest {
  const { limit, after } = listRoomsRequest.decode(bytes) as unknown as ListRoomsRequest;
  return { limit, after };
}

interface WireJoin extends Omit<JoinRequest, 'resume'> {
  readonly resume: Readonly<Record<'session' | 'logId' | 'sequence' | 'chain', string>> | null;
}

type WireMessage = Readonly<Record<'text' | 'ordinal' | 'seen', string>>;

const noJoin: WireJoin = { room: '', name: '', history: 0, resume: null, resumable: false };
const noMessage: WireMessage = { text: '', ordinal: '0', seen: '0' };

function joinRequest({ room, name, history, resumable, resume }: WireJoin): JoinRequest {
  const join = { room, name, history, resumable };
  if (!resume) return { ...join, resume: undefined };
  const { session, logId, sequence, chain } = resume;
  return { ...join, resume: { session, logId, sequence: exactNumber(sequence), chain: chainOfFixed64(chain) } };
}

function publishAction({ text, ordinal, seen }: WireMessage): PublishAction {
  return { text, ordinal: exactInteger(ordinal), seen: exactNumber(seen) };
}
