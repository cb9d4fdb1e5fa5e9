import type { EventBase, MessageEvent } from './event.js';

/** What of a message says what its author knew. */
export type Said = Pick<MessageEvent, 'sequence' | 'participant' | 'seen'>;

/**
 * Whether `later` crossed `earlier` in flight: its author had not been shown `earlier` when sending, so neither was said in
 * knowledge of the other (proto/chit/v1/chat.proto, `Message.seen`). Both are of one room. What one author says is in that
 * author's own order and crosses nothing.
 */
export function crossed(earlier: Pick<EventBase, 'sequence' | 'participant'>, later: Said): boolean {
  const { sequence, participant } = earlier;
  return later.participant !== participant && later.seen < sequence && sequence < later.sequence;
}
