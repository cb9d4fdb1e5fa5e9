import type { MessageEvent, RoomEvent } from '../../core/event.js';
import type { AcceptedStep, ClientRecord, Place, RefusedStep, SendStep, Step, UnknownStep } from './history.js';
import type { SessionRecord } from './sessions.js';

/** One sending of a publish. */
export interface Try {
  readonly send: SendStep;
  /** The last event that its client knew of in the room by then, received or as an answer; 0 for none. */
  readonly after: number;
  /** How its author was told that it came to nothing, or that nobody knows. */
  outcome?: 'refused' | 'unknown' | undefined;
}

/** Everything that one session sent, and was answered, under one ordinal. */
export interface Publish {
  readonly client: string;
  readonly room: string;
  readonly ordinal: number | bigint;
  /** Not set if the client was never let in under the session. */
  readonly session: SessionRecord | undefined;
  readonly tries: Try[];
  readonly accepted: AcceptedStep[];
  readonly refused: RefusedStep[];
  /** What it became, in the final log. */
  readonly event: MessageEvent | undefined;
}

/** All publishes: in the order of their first sending at each client, and by what they became. */
export class Publishes {
  readonly all: Publish[] = [];
  readonly #byEvent = new Map<MessageEvent, Publish>();

  constructor(clients: readonly ClientRecord[], sessions: ReadonlyMap<string, SessionRecord>) {
    for (const { client, steps } of clients) this.#takeAll(client, steps, sessions);
  }

  /** The publish that became `event`, which is one of a final log. */
  of(event: MessageEvent): Publish | undefined {
    return this.#byEvent.get(event);
  }

  #takeAll(client: string, steps: readonly Step[], sessions: ReadonlyMap<string, SessionRecord>): void {
    const latest = new Map<string, number>();
    const learn = (room: string, { sequence }: Place) => latest.set(room, Math.max(latest.get(room) ?? 0, sequence));
    const known = new Map<string, Map<number | bigint, Publish>>();
    const publishOf = (step: SendStep | AcceptedStep | RefusedStep | UnknownStep): Publish => {
      // Of a record that begins within a visit the session is not known; its rooms' are different ones.
      const key = JSON.stringify([step.room, step.session]);
      const ofSession = known.get(key) ?? new Map<number | bigint, Publish>();
      known.set(key, ofSession);
      const publish = ofSession.get(step.ordinal) ?? this.#begin(client, step, sessions.get(step.session));
      ofSession.set(step.ordinal, publish);
      return publish;
    };
    for (const step of steps) {
      switch (step.kind) {
        case 'welcome':
          // Another log's sequences say nothing about this one's.
          if (!step.continues) latest.delete(step.room);
          learn(step.room, step.place);
          break;
        case 'receive':
          learn(step.room, step.event);
          break;
        case 'send':
          publishOf(step).tries.push({ send: step, after: latest.get(step.room) ?? 0 });
          break;
        case 'accepted':
          publishOf(step).accepted.push(step);
          // An answer with another's event is wrong, and says nothing of when this one was known.
          if (isAnswerTo(step, step.event)) learn(step.room, step.event);
          break;
        case 'refused':
          publishOf(step).refused.push(step);
          settle(publishOf(step), 'refused');
          break;
        case 'unknown':
          settle(publishOf(step), 'unknown');
          break;
      }
    }
  }

  #begin(
    client: string,
    { room, ordinal }: { readonly room: string; readonly ordinal: number | bigint },
    session: SessionRecord | undefined,
  ): Publish {
    const event = typeof ordinal === 'number' ? session?.stay?.messages.get(ordinal) : undefined;
    const publish: Publish = { client, room, ordinal, session, tries: [], accepted: [], refused: [], event };
    this.all.push(publish);
    if (event) this.#byEvent.set(event, publish);
    return publish;
  }
}

/** Whether `event` can be what a publish with this ordinal became. */
export function isAnswerTo({ ordinal }: { readonly ordinal: number | bigint }, event: RoomEvent): boolean {
  return event.kind === 'message' && event.ordinal === ordinal;
}

/** An answer is to the latest try that has none: earlier ones went down with their connection. */
function settle({ tries }: Publish, outcome: 'refused' | 'unknown'): void {
  const latest = tries.findLast((one) => one.outcome === undefined);
  if (latest) latest.outcome = outcome;
}

/** Whether a sending's author had been shown what `event` says: the room takes nobody's word for having seen what was not yet there. */
export function saysSeen({ seen }: SendStep, event: MessageEvent): boolean {
  return Math.min(seen, event.sequence - 1) === event.seen;
}

/** Those tries of a publish that its event can have come from: with its text, and not refused if there are such. */
export function triesOf({ tries, event }: Publish): Try[] {
  const withText = tries.filter(({ send }) => send.text === event?.text);
  const open = withText.filter(({ outcome }) => outcome !== 'refused');
  return open.length > 0 ? open : withText;
}
