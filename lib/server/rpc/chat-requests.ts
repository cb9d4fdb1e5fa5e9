import type { ChatRequest } from '../../codec/messages.js';
import { decodeChatRequest, decodeSubscribeRequest } from '../../codec/requests.js';
import type { ConnectionMessage } from '../actors/messages.js';

/** What a connection actor is told of the bytes of a ChatRequest. Never throws. */
export function chatMessage(bytes: Buffer): ConnectionMessage {
  let request: ChatRequest;
  try {
    request = decodeChatRequest(bytes);
  } catch {
    return { kind: 'malformed' };
  }
  const { lamport, action } = request;
  switch (action.kind) {
    case 'join': {
      const { kind, ...join } = action;
      return { kind, lamport, join };
    }
    case 'publish': {
      const { kind, text, ordinal, seen } = action;
      return { kind, lamport, publish: { text, ordinal, seen } };
    }
    case 'leave':
      return { kind: action.kind, lamport };
    case 'unknown':
      return { kind: action.kind };
  }
}

/** What a connection actor is told of the bytes of a SubscribeRequest. Never throws. */
export function subscribeMessage(bytes: Buffer): ConnectionMessage {
  try {
    return { kind: 'join', ...decodeSubscribeRequest(bytes) };
  } catch {
    return { kind: 'malformed' };
  }
}
