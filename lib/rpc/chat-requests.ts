import type { ConnectionMessage } from '../actors/messages.js';
import {
  type ChatRequest,
  decodeChatRequest,
  decodeSubscribeRequest,
  type JoinRequest,
  type PublishAction,
} from '../codec/requests.js';

/** What a connection actor is told of the bytes of a ChatRequest. Never throws. */
export function chatMessage(bytes: Buffer): ConnectionMessage {
  let request: ChatRequest;
  try {
    request = decodeChatRequest(bytes);
  } catch {
    return { kind: 'malformed' };
  }
  const { lamport, action } = request;
  const { kind, ...content } = action;
  switch (kind) {
    case 'join':
      return { kind, lamport, join: content as JoinRequest };
    case 'publish':
      return { kind, lamport, publish: content as PublishAction };
    case 'leave':
      return { kind, lamport };
    case 'unknown':
      return { kind };
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
