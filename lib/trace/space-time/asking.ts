import type { MessageEvent, RoomEvent } from '../../core/event.js';
import type { JoinStep, LeaveStep, SendStep } from '../history/history.js';
import { isAnswerTo, type Publish, type Publishes, saysSeen, triesOf } from '../history/publishes.js';
import type { SessionRecord } from '../history/sessions.js';

export type AskingStep = JoinStep | SendStep | LeaveStep;

/**
 * By what each event of the final event logs was asked for: a Joined by the request that its client was welcomed to, a message by its send,
 * a Left at its participant's wish by the first request to leave. What the server did by itself, and what no client's record tells,
 * is not there.
 */
export function askings(
  sessions: ReadonlyMap<string, SessionRecord>,
  publishes: Publishes,
): ReadonlyMap<RoomEvent, AskingStep> {
  const steps = new Map<RoomEvent, AskingStep>();
  for (const { joined, join, stay, leaves } of sessions.values()) {
    if (joined) steps.set(joined, join);
    const [leave] = leaves;
    if (stay?.left?.reason === 'ASKED' && leave) steps.set(stay.left, leave);
  }
  for (const publish of publishes.all) {
    const event = publish.event ?? answeredWith(publish);
    const send = event && sendOf(publish, event);
    if (send) steps.set(event, send);
  }
  return steps;
}

/** What a publish became by what its author was told: where the log does not reach back to the author's Joined. */
function answeredWith({ ordinal, session, accepted }: Publish): MessageEvent | undefined {
  for (const { event } of accepted) {
    const own = isAnswerTo({ ordinal }, event) ? session?.log?.at(event.sequence) : undefined;
    if (own?.kind === 'message' && own.chain === event.chain) return own;
  }
  return undefined;
}

/**
 * The send that an event came from. Which one it was where it was sent again, nobody tells; of those that fit the event (its text,
 * what its author had been shown, a smaller Lamport time) the first one is a cause in any case, for it happened before
 * the later ones.
 */
function sendOf(publish: Publish, event: MessageEvent): SendStep | undefined {
  const fitting = triesOf({ ...publish, event }).find(
    ({ send }) => send.lamport < event.lamport && saysSeen(send, event),
  );
  return (fitting ?? publish.tries[0])?.send;
}
