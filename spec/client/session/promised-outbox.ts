import type { PublishedMessage } from '../../../lib/client/chat-client.js';
import { Refused } from '../../../lib/client/errors.js';
import { outcomeError } from '../../../lib/client/failures.js';
import {
  addPublish,
  forgetSeen,
  giveUpSent,
  isUnsettled,
  nextOrdinal,
  noteSent,
  numberWaiting,
  renumber,
  resumeOutbox,
  type Sendable,
  settleAccepted,
  settleAll,
  settleOverdue,
  settleRefused,
} from '../../../lib/client/session/outbox.js';
import type { Effect, RecordEffect, Step } from '../../../lib/client/session/protocol.js';
import { type Outbox, SessionState } from '../../../lib/client/session/state.js';
import { nextChain } from '../../../lib/core/chain.js';
import type { MessageEvent } from '../../../lib/core/event.js';
import { type Rejection, rejection } from '../../../lib/core/rejection.js';
import { plainOptions } from './a-session.js';

/** An outbox whose publishes are promises, as those of a client are. */
export class PromisedOutbox {
  /** What was recorded: the kind of record, and what it says of a publish. */
  readonly told: Record<string, unknown>[] = [];
  readonly #limits: { readonly publishesUnansweredMax: number; readonly publishMsMax: number };
  readonly #state: SessionState;
  readonly #answers = new Map<
    number,
    { resolve: (message: PublishedMessage) => void; reject: (error: Error) => void; timer: NodeJS.Timeout }
  >();
  #ids = 0;

  constructor(limits: PromisedOutbox['limits'], ordinal = 0) {
    this.#limits = limits;
    this.#state = new SessionState({ ...plainOptions, publishMsMax: limits.publishMsMax });
    this.#outbox.ordinal = ordinal;
  }

  get limits() {
    return this.#limits;
  }

  get #outbox(): Outbox {
    return this.#state.outbox;
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
      const overdue = () => this.#step((step) => settleOverdue(this.#state, step, id));
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
    return this.#step((step) => resumeOutbox(this.#state, step, ordinal, inherited));
  }

  newSession(): void {
    this.#step((step) => renumber(this.#state, step));
  }

  accepted(event: MessageEvent): void {
    this.#step((step) => settleAccepted(this.#state, step, event));
  }

  refused(refusal: Rejection): void {
    this.#step((step) => settleRefused(this.#state, step, refusal));
  }

  historyLost(reason: string): void {
    this.#step((step) => giveUpSent(this.#state, step, 'history-lost', reason));
  }

  newHistory(): void {
    forgetSeen(this.#outbox);
  }

  over(reason: string): void {
    this.#step((step) => settleAll(this.#state, step, reason));
  }

  #step<T>(work: (step: Step) => T): T {
    const step: Step = { effects: [], nextChain };
    const result = work(step);
    for (const effect of step.effects) this.#do(effect);
    return result;
  }

  #do(effect: Effect): void {
    if (effect.kind === 'record') this.told.push({ kind: effect.event, ...ofPublish(effect) });
    if (effect.kind !== 'settle') return;
    const { publish, outcome } = effect;
    const answer = this.#answers.get(publish);
    if (!answer) throw new Error(`publish ${publish} is settled once more`);
    this.#answers.delete(publish);
    clearTimeout(answer.timer);
    if (outcome.kind === 'accepted') answer.resolve(outcome.message);
    else answer.reject(outcomeError(outcome));
  }
}

function ofPublish({ fields }: RecordEffect): object {
  const { participant: _name, room: _room, ...more } = fields;
  return more;
}
