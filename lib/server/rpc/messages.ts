import type { ChatRequest } from '../../codec/messages.js';
import type { ParticipantNames } from '../../codec/participant-names.js';
import { decodeChatRequest, decodeSubscribeRequest } from '../../codec/requests.js';
import { encodeHistoryPage, encodeParticipants, encodePublishResponse } from '../../codec/responses.js';
import type { ConnectionMessage, HistoryAnswer, ParticipantsAnswer } from '../actors/messages.js';
import type { Ending } from '../actors/peer.js';
import type { Answer } from '../room/pending.js';
import type { WholePage } from '../service/history-page.js';

/** How a unary call is answered: with a response's bytes, or a status. */
export type Reply = Buffer | Ending;

type Refusal = Extract<
  Answer | HistoryAnswer | ParticipantsAnswer,
  { readonly kind: 'rejected' | 'failed' | 'damaged' }
>;

function refused(answer: Refusal): Ending {
  return answer.kind === 'rejected' ? { kind: 'refused', rejection: answer.rejection } : { kind: answer.kind };
}

/** Publish: a repeat is answered with the first one's event [P5]. */
export function publishReply(answer: Answer): Reply {
  if (answer.kind !== 'accepted' && answer.kind !== 'repeated') return refused(answer);
  return encodePublishResponse(answer.event, answer.kind === 'repeated');
}

/** Leave: a session ends once, so there is no repeat of it. */
export function leaveReply(answer: Answer): Reply {
  if (answer.kind === 'accepted') return answer.event;
  return answer.kind === 'repeated' ? { kind: 'failed' } : refused(answer);
}

export function historyReply(answer: HistoryAnswer | WholePage): Reply {
  if (answer.kind !== 'page') return refused(answer);
  return encodeHistoryPage(answer.events, answer.logId, answer.newest);
}

/** Encoded once for all who ask before somebody comes or goes. */
export class ParticipantsReplies {
  readonly #encodings = new WeakMap<ParticipantNames, Buffer>();

  of(answer: ParticipantsAnswer): Reply {
    if (answer.kind === 'rejected') return refused(answer);
    const { names } = answer;
    let bytes = this.#encodings.get(names);
    if (!bytes) {
      bytes = encodeParticipants(names.names);
      this.#encodings.set(names, bytes);
    }
    return bytes;
  }
}

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
