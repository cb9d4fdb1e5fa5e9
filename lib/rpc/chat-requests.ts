import type { ConnectionMessage } from '../actors/messages.js';
import { type ChatRequest, decodeChatRequest, decodeSubscribeRequest } from '../codec/requests.js';

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
    case 'join':
      return { kind: 'join', lamport, join: action };
    case 'publish':
      return { kind: 'publish', lamport, publish: action };
    case 'leave':
      return { kind: 'leave', lamport };
    case 'unknown':
      return { kind: 'unknown' };
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
