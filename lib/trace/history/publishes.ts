import type { MessageEvent, RoomEvent } from '../../core/event.js';
import type { AcceptedStep, Place, RefusedStep, SendStep, UnknownStep, WelcomeStep } from './history.js';
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
  readonly sessionId: string;
  /** Not set if the client was never let in under the session. */
  session: SessionRecord | undefined;
  readonly tries: Try[];
  readonly accepted: AcceptedStep[];
  readonly refused: RefusedStep[];
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

/** Gathers what one client published, from its steps. */
export class ClientPublishes {
  readonly #client: string;
  readonly #all: Publish[];
  /** By room, the last sequence that the client knew of. */
  readonly #latest = new Map<string, number>();
  readonly #known = new Map<string, Map<number | bigint, Publish>>();

  /** `all`: of all clients. */
  constructor(client: string, all: Publish[]) {
    this.#client = client;
    this.#all = all;
  }

  welcome({ room, place, continues }: WelcomeStep): void {
    // Another log's sequences say nothing about this one's.
    if (!continues) this.#latest.delete(room);
    this.learn(room, place);
  }

  /** The client gets to know of an event, or of the place that it begins at. */
  learn(room: string, { sequence }: Pick<Place, 'sequence'>): void {
    this.#latest.set(room, Math.max(this.#latest.get(room) ?? 0, sequence));
  }

  send(send: SendStep): void {
    this.#publishOf(send).tries.push({ send, after: this.#latest.get(send.room) ?? 0 });
  }

  accepted(step: AcceptedStep): void {
    this.#publishOf(step).accepted.push(step);
    // An answer with another's event is wrong, and says nothing of when this one was known.
    if (isAnswerTo(step, step.event)) this.learn(step.room, step.event);
  }

  /** An answer is to the latest try that has none: earlier ones went down with their connection. */
  settled(step: RefusedStep | UnknownStep): void {
    const { tries, refused } = this.#publishOf(step);
    if (step.kind === 'refused') refused.push(step);
    const latest = tries.findLast((one) => one.outcome === undefined);
    if (latest) latest.outcome = step.kind;
  }

  #publishOf({ room, session: sessionId, ordinal }: SendStep | AcceptedStep | RefusedStep | UnknownStep): Publish {
    // Of a record that begins within a visit the session is not known; its rooms' are different ones.
    const key = JSON.stringify([room, sessionId]);
    const ofSession = this.#known.get(key) ?? new Map<number | bigint, Publish>();
    this.#known.set(key, ofSession);
    const known = ofSession.get(ordinal);
    if (known) return known;
    const client = this.#client;
    const lists = { tries: [], accepted: [], refused: [] };
    const publish: Publish = { client, room, ordinal, sessionId, session: undefined, ...lists, event: undefined };
    ofSession.set(ordinal, publish);
    this.#all.push(publish);
    return publish;
  }
}

/** Whether `event` can be what a publish with this ordinal became. */
export function isAnswerTo({ ordinal }: { readonly ordinal: number | bigint }, event: RoomEvent): boolean {
  return event.kind === 'message' && event.ordinal === ordinal;
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
