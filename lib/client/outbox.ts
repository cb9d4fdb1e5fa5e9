import type { MessageEvent } from '../core/event.js';
import { type Rejection, rejection } from '../core/rejection.js';
import type { PublishedMessage, SendTimes } from './chat-client.js';
import { HistoryLost, Overdue, Refused, VisitOver } from './errors.js';

/** A message as it is to go out. */
export interface Sendable {
  readonly text: string;
  readonly ordinal: number;
  /** What its author had been shown when saying it, however late it goes out. */
  readonly seen: number;
}

/** What became of a publish that was sent. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly ordinal: number; readonly sequence: number }
  /** Why none came, or came too late. */
  | { readonly kind: 'no-answer'; readonly ordinal: number; readonly reason: string };

interface Publish {
  readonly text: string;
  readonly resolve: (event: PublishedMessage) => void;
  readonly reject: (error: Error) => void;
  readonly impatience: NodeJS.Timeout;
  seen: number;
  /** 0 before it is sent. */
  sent: SendTimes;
}

export interface OutboxLimits {
  readonly publishesUnansweredMax: number;
  readonly publishMsMax: number;
}

/**
 * The publishes of one visit that wait for their event, in the order in which they were made, which is the order in
 * which they go out [P6]. One without an ordinal has certainly not been published; it gets the session's next one when
 * it goes out. One with an ordinal may have been: within its session it goes out again only with that one [P5].
 */
export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #tell: (outcome: Outcome) => void;
  /** Rising. */
  readonly #numbered = new Map<number, Publish>();
  #waiting = new Set<Publish>();
  #ordinal: number;
  /** The newest ordinal of this session that an event had. */
  #accepted = 0;
  /** What the server had accepted when the session was resumed. */
  #known = 0;

  /** `ordinal`: the newest one used so far. `tell` hears of each outcome but refusals, before whoever waits for it. */
  constructor(limits: OutboxLimits, ordinal = 0, tell: (outcome: Outcome) => void = () => {}) {
    this.#limits = limits;
    this.#tell = tell;
    this.#ordinal = ordinal;
  }

  /** The newest ordinal used in this session. */
  get ordinal(): number {
    return this.#ordinal;
  }

  /** The ordinal that one more publish would get. */
  get next(): number {
    return this.#ordinal + this.#waiting.size + 1;
  }

  /** Whether some may have been published and have no answer. */
  get unsettled(): boolean {
    return this.#numbered.size > 0;
  }

  /** Resolves with the event, rejects with `Refused` or `NoAnswer`; with `Refused` at once where too many wait [P12]. */
  add(text: string, seen: number): Promise<PublishedMessage> {
    const { publishesUnansweredMax, publishMsMax } = this.#limits;
    if (this.#numbered.size + this.#waiting.size >= publishesUnansweredMax) {
      return Promise.reject(new Refused(rejection('OVERLOADED', this.next)));
    }
    return new Promise((resolve, reject) => {
      const impatience = setTimeout(() => this.#overdue(publish), publishMsMax);
      const publish = { text, seen, sent: { first: 0, last: 0 }, resolve, reject, impatience };
      this.#waiting.add(publish);
    });
  }

  /** Numbers those that have no ordinal yet and gives them, in order, to be sent. */
  flush(): Sendable[] {
    const sendable: Sendable[] = [];
    for (const publish of this.#waiting) {
      this.#ordinal += 1;
      this.#numbered.set(this.#ordinal, publish);
      sendable.push({ text: publish.text, ordinal: this.#ordinal, seen: publish.seen });
    }
    this.#waiting.clear();
    return sendable;
  }

  /** `ordinal` goes out, perhaps again, at this client's Lamport time `lamport`. */
  sent(ordinal: number, lamport: number): void {
    const publish = this.#numbered.get(ordinal);
    if (publish) publish.sent = { first: publish.sent.first || lamport, last: lamport };
  }

  /**
   * The session goes on over another connection; its server has accepted `ordinal` as its newest. Gives what to send
   * again, in order. Of those up to `ordinal`, each becomes an event, or was refused with a rejection that got lost.
   * `inherited`: the session was an earlier process's, of whose publishes some may still be on their way to the room; none
   * of their ordinals is used again, or a message would be taken for the repeat of another one.
   */
  resumed(ordinal: number, inherited = false): Sendable[] {
    this.#ordinal = Math.max(this.#ordinal, ordinal) + (inherited ? this.#limits.publishesUnansweredMax : 0);
    this.#known = ordinal;
    this.#refusePassedOver();
    return [...this.#numbered]
      .filter(([own]) => own > ordinal)
      .map(([own, { text, seen }]) => ({ text, seen, ordinal: own }));
  }

  /** Another session begins, and the events of the one before are all known: what is not among them was not published. */
  newSession(): void {
    for (const ordinal of this.#numbered.keys())
      this.#noAnswer(ordinal, 'It was not published before the session ended.');
    this.#waiting = new Set([...this.#numbered.values(), ...this.#waiting]);
    this.#numbered.clear();
    this.#ordinal = 0;
    this.#accepted = 0;
    this.#known = 0;
  }

  /** An own message of this session. */
  accepted(event: MessageEvent): void {
    const { ordinal, sequence } = event;
    const publish = this.#take(ordinal);
    if (publish) this.#tell({ kind: 'accepted', ordinal, sequence });
    publish?.resolve({ ...event, sent: publish.sent });
    this.#accepted = ordinal;
    this.#refusePassedOver();
  }

  refused(refusal: Rejection): void {
    this.#take(Number(refusal.ordinal))?.reject(new Refused(refusal));
  }

  /** The history in which publishes may have become events is no more. The others wait for the one that follows. */
  historyLost(reason: string): void {
    this.#giveUp(new HistoryLost(reason));
  }

  /** Another history begins, of which nobody who waits has been shown anything. */
  newHistory(): void {
    for (const publish of this.#waiting) publish.seen = 0;
  }

  /** The visit is over: whoever waits is told so. */
  over(reason: string): void {
    this.#giveUp(new VisitOver(reason));
    for (const publish of this.#waiting) {
      clearTimeout(publish.impatience);
      publish.reject(new VisitOver(reason, false));
    }
    this.#waiting.clear();
  }

  #refusePassedOver(): void {
    if (this.#known === 0 || this.#accepted < this.#known) return;
    for (const ordinal of [...this.#numbered.keys()].filter((own) => own <= this.#known)) {
      this.#noAnswer(ordinal, 'It was refused; the reason was lost with a connection.');
      this.refused(rejection('UNSPECIFIED', ordinal));
    }
    this.#known = 0;
  }

  /** Nobody will know what became of those that were sent. */
  #giveUp(error: Error): void {
    for (const ordinal of [...this.#numbered.keys()]) {
      this.#noAnswer(ordinal, error.message);
      this.#take(ordinal)?.reject(error);
    }
  }

  #noAnswer(ordinal: number, reason: string): void {
    this.#tell({ kind: 'no-answer', ordinal, reason });
  }

  #overdue(publish: Publish): void {
    const seconds = this.#limits.publishMsMax / 1000;
    if (this.#waiting.delete(publish)) {
      publish.reject(new Overdue(`It could not be sent within ${seconds} s.`, false));
      return;
    }
    const overdue = new Overdue(`The server did not answer within ${seconds} s.`);
    for (const [ordinal, one] of this.#numbered) {
      if (one !== publish) continue;
      this.#numbered.delete(ordinal);
      this.#noAnswer(ordinal, overdue.message);
    }
    publish.reject(overdue);
  }

  #take(ordinal: number): Publish | undefined {
    const publish = this.#numbered.get(ordinal);
    if (publish) clearTimeout(publish.impatience);
    this.#numbered.delete(ordinal);
    return publish;
  }
}
