import type { ParticipantNames } from '../../codec/participant-names.js';
import { encodeHistoryPage, encodeParticipants, encodePublishResponse } from '../../codec/responses.js';
import type { HistoryAnswer, ParticipantsAnswer } from '../actors/messages.js';
import type { Ending } from '../actors/peer.js';
import type { Answer } from '../room/pending.js';
import type { WholePage } from '../service/history-page.js';

/** How a unary call is answered: with a response's bytes, or a status. */
export type Reply = Buffer | Ending;

/** Publish: a repeat is answered with the first one's event [P5]. */
export function publishReply(answer: Answer): Reply {
  switch (answer.kind) {
    case 'accepted':
      return encodePublishResponse(answer.event, false);
    case 'repeated':
      return encodePublishResponse(answer.event, true);
    case 'rejected':
      return { kind: 'refused', rejection: answer.rejection };
    case 'failed':
    case 'damaged':
      return { kind: answer.kind };
  }
}

/** Leave: a session ends once, so there is no repeat of it. */
export function leaveReply(answer: Answer): Reply {
  switch (answer.kind) {
    case 'accepted':
      return answer.event;
    case 'rejected':
      return { kind: 'refused', rejection: answer.rejection };
    case 'repeated':
    case 'failed':
      return { kind: 'failed' };
    case 'damaged':
      return { kind: 'damaged' };
  }
}

export function historyReply(answer: HistoryAnswer | WholePage): Reply {
  switch (answer.kind) {
    case 'page':
      return encodeHistoryPage(answer.events, answer.logId, answer.newest);
    case 'rejected':
      return { kind: 'refused', rejection: answer.rejection };
    case 'failed':
    case 'damaged':
      return { kind: answer.kind };
  }
}

/** Encoded once for all who ask before somebody comes or goes. */
export class ParticipantsReplies {
  readonly #encodings = new WeakMap<ParticipantNames, Buffer>();

  of(answer: ParticipantsAnswer): Reply {
    if (answer.kind === 'rejected') return { kind: 'refused', rejection: answer.rejection };
    const { names } = answer;
    let bytes = this.#encodings.get(names);
    if (!bytes) {
      bytes = encodeParticipants(names.names);
      this.#encodings.set(names, bytes);
    }
    return bytes;
  }
}
