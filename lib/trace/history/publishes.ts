import type { MessageEvent, RoomEvent } from '../../core/event.js';
import type { Place, StepFollower, StepOf } from './history.js';
import type { SessionRecord } from './sessions.js';

/** One sending of a publish. */
export interface Try {
  readonly send: StepOf<'send'>;
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
  readonly sessionId: string;
  /** Not set if the client was never let in under the session. */
  session: SessionRecord | undefined;
  readonly tries: Try[];
  readonly accepted: StepOf<'accepted'>[];
  readonly refused: StepOf<'refused'>[];
  /** What it became, in the final event log. */
  event: MessageEvent | undefined;
}

/** All publishes: in the order of their first sending at each client, and by what they became. */
export class Publishes {
  readonly all: Publish[] = [];
  readonly #byEvent = new Map<MessageEvent, Publish>();

  /** The publish that became `event`, which is one of a final event log. */
  of(event: MessageEvent): Publish | undefined {
    return this.#byEvent.get(event);
  }

  /** Finds them in the logs, when the sessions are found there. */
  findInLogs(sessions: ReadonlyMap<string, SessionRecord>): void {
    this.#byEvent.clear();
    for (const publish of this.all) {
      const { ordinal, sessionId } = publish;
      publish.session = sessions.get(sessionId);
      publish.event = typeof ordinal === 'number' ? publish.session?.stay?.messages.get(ordinal) : undefined;
      if (publish.event) this.#byEvent.set(publish.event, publish);
    }
  }
}

/** Follows what one client published. `all`: of all clients. */
export function followPublishes(client: string, all: Publish[]): StepFollower {
  /** By room, the last sequence that the client knew of. */
  const latest = new Map<string, number>();
  const known = new Map<string, Map<number | bigint, Publish>>();
  /** By session, up to which ordinal the record may not tell each sending. */
  const untold = new Map<string, number>();
  const learn = (room: string, { sequence }: Pick<Place, 'sequence'>) => {
    latest.set(room, Math.max(latest.get(room) ?? 0, sequence));
  };
  const publishOf = ({ room, session: sessionId, ordinal }: StepOf<'send' | 'accepted' | 'refused' | 'unknown'>) => {
    // Of a record that begins within a visit the session is not known; its rooms' are different ones.
    const key = JSON.stringify([room, sessionId]);
    const ofSession = known.get(key) ?? new Map<number | bigint, Publish>();
    known.set(key, ofSession);
    const lists = { tries: [], accepted: [], refused: [] };
    const begun = { client, room, ordinal, sessionId, session: undefined, ...lists, event: undefined };
    const publish: Publish = ofSession.get(ordinal) ?? begun;
    if (publish === begun) all.push(publish);
    ofSession.set(ordinal, publish);
    return publish;
  };
  /** An answer is to the latest try that has none: earlier ones went down with their connection. */
  const settle = (step: StepOf<'refused' | 'unknown'>) => {
    const { tries, refused } = publishOf(step);
    if (step.kind === 'refused') refused.push(step);
    const open = tries.findLast((one) => one.outcome === undefined);
    if (open) open.outcome = step.kind;
  };
  return {
    part: ({ room, welcome, sends, sent }) => {
      if (welcome) latest.set(room, welcome.place.sequence);
      if (welcome) untold.set(welcome.session, sent);
      // What its client knew by then, at least.
      for (const send of sends) publishOf(send).tries.push({ send, after: send.seen });
    },
    welcome: ({ room, place, continues }) => {
      // Another log's sequences say nothing about this one's.
      if (!continues) latest.delete(room);
      learn(room, place);
    },
    receive: ({ room, event }) => learn(room, event),
    send: (send) => {
      const { tries } = publishOf(send);
      const isTold = tries.length > 0 || send.ordinal > (untold.get(send.session) ?? 0);
      if (isTold) tries.push({ send, after: latest.get(send.room) ?? 0 });
    },
    accepted: (step) => {
      publishOf(step).accepted.push(step);
      // An answer with another's event is wrong, and says nothing of when this one was known.
      if (isAnswerTo(step, step.event)) learn(step.room, step.event);
    },
    refused: settle,
    unknown: settle,
  };
}

/** Whether `event` can be what a publish with this ordinal became. */
export function isAnswerTo({ ordinal }: { readonly ordinal: number | bigint }, event: RoomEvent): boolean {
  return event.kind === 'message' && event.ordinal === ordinal;
}

/** Whether a sending's author had been shown what `event` says: nobody has seen what was not there yet. */
export function saysSeen({ seen }: StepOf<'send'>, event: MessageEvent): boolean {
  return Math.min(seen, event.sequence - 1) === event.seen;
}

/** Those tries of a publish that its event can have come from: with its text, and not refused if there are such. */
export function triesOf({ tries, event }: Publish): Try[] {
  const withText = tries.filter(({ send }) => send.text === event?.text);
  const open = withText.filter(({ outcome }) => outcome !== 'refused');
  return open.length > 0 ? open : withText;
}
