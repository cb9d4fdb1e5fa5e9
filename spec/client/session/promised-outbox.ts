import type { PublishedMessage } from '../../../lib/client/chat-client.js';
import { Refused } from '../../../lib/client/errors.js';
import { outcomeError } from '../../../lib/client/failures.js';
import {
  addPublish,
  forgetSeen,
  isUnsettled,
  nextOrdinal,
  noteSent,
  numberWaiting,
  type OutboxEffect,
  openOutbox,
  renumber,
  resumeOutbox,
  type Sendable,
  settleAccepted,
  settleAll,
  settleHistoryLost,
  settleOverdue,
  settleRefused,
} from '../../../lib/client/session/outbox.js';
import type { MessageEvent } from '../../../lib/core/event.js';
import { type Rejection, rejection } from '../../../lib/core/rejection.js';

/** An outbox whose publishes are promises, as those of a client are. */
export class PromisedOutbox {
  /** What was told, refusals and promises apart. */
  readonly told: OutboxEffect[] = [];
  readonly #limits: { readonly publishesUnansweredMax: number; readonly publishMsMax: number };
  readonly #outbox;
  readonly #answers = new Map<
    number,
    { resolve: (message: PublishedMessage) => void; reject: (error: Error) => void; timer: NodeJS.Timeout }
  >();
  #ids = 0;

  constructor(limits: PromisedOutbox['limits'], ordinal = 0) {
    this.#limits = limits;
    this.#outbox = openOutbox(ordinal);
  }

  get limits() {
    return this.#limits;
  }

  get ordinal(): number {
    return this.#outbox.ordinal;
  }

  get unsettled(): boolean {
    return isUnsettled(this.#outbox);
  }

  add(text: string, seen: number): Promise<PublishedMessage> {
    const { publishesUnansweredMax, publishMsMax } = this.#limits;
    this.#ids += 1;
    const id = this.#ids;
    if (!addPublish(this.#outbox, { id, text, seen }, publishesUnansweredMax)) {
      return Promise.reject(new Refused(rejection('OVERLOADED', nextOrdinal(this.#outbox))));
    }
    return new Promise((resolve, reject) => {
      const overdue = () => settleOverdue(this.#outbox, id, publishMsMax, this.#tell);
      this.#answers.set(id, { resolve, reject, timer: setTimeout(overdue, publishMsMax) });
    });
  }

  flush(): Sendable[] {
    return numberWaiting(this.#outbox);
  }

  sent(ordinal: number, lamport: number): void {
    noteSent(this.#outbox, ordinal, lamport);
  }

  resumed(ordinal: number, inherited = false): Sendable[] {
    return resumeOutbox(this.#outbox, ordinal, inherited, this.#tell);
  }

  newSession(): void {
    renumber(this.#outbox, this.#tell);
  }

  accepted(event: MessageEvent): void {
    settleAccepted(this.#outbox, event, this.#tell);
  }

  refused(refusal: Rejection): void {
    settleRefused(this.#outbox, refusal, this.#tell);
  }

  historyLost(reason: string): void {
    settleHistoryLost(this.#outbox, reason, this.#tell);
  }

  newHistory(): void {
    forgetSeen(this.#outbox);
  }

  over(reason: string): void {
    settleAll(this.#outbox, reason, this.#tell);
  }

  readonly #tell = (effect: OutboxEffect): void => {
    if (effect.kind !== 'settle') {
      this.told.push(effect);
      return;
    }
    const { publish, outcome } = effect;
    const answer = this.#answers.get(publish);
    if (!answer) throw new Error(`publish ${publish} is settled once more`);
    this.#answers.delete(publish);
    clearTimeout(answer.timer);
    if (outcome.kind === 'accepted') answer.resolve(outcome.message);
    else answer.reject(outcomeError(outcome));
  };
}
