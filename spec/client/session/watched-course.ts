import { clientLimits } from '../../../lib/client/limits.js';
import type { Effect, Failure, Input, RecordEffect, TimerName } from '../../../lib/client/session/protocol.js';
import type { SessionState } from '../../../lib/client/session/state.js';

/** What is known of a session before a step. */
export type Before = Pick<SessionState, 'phase' | 'logId' | 'sequence' | 'chain' | 'resuming' | 'connection' | 'id'>;

/** How a session gets along: what it records and tells of itself, how it comes back, and how it leaves. Throws as `WatchedSession` does. */
export class WatchedCourse {
  readonly #saved: { readonly session: string; readonly ordinal: number } | undefined;
  /** Sessions that the server has said are over. */
  readonly #over = new Set<string>();
  /** The positions at which texts were said, with the number of histories lost before. */
  readonly #said: { readonly text: string; readonly seen: number; readonly losses: number }[] = [];
  #losses = 0;
  #joined = 0;
  #status: Extract<Effect, { kind: 'status' }>['status'] | undefined;
  #nameSinceMs = 0;
  /** On the present stream: whether it was asked to leave, and whether no more is said. */
  #askedToLeave = false;
  #halfClosed = false;

  constructor(saved?: { readonly session: string; readonly ordinal: number }) {
    this.#saved = saved;
  }

  check(input: Input, effects: readonly Effect[], before: Before, state: SessionState): void {
    if (input.kind === 'publish') {
      this.#said.push({ text: input.text, seen: before.sequence, losses: this.#losses });
    }
    this.#noteRefusal(input, before, state);
    for (const effect of effects) this.#checkEffect(input, effect, effects, before, state);
  }

  /** After the step. */
  checkState({ phase, leaving, closing, status, pauses }: SessionState, timers: ReadonlyMap<TimerName, number>): void {
    if (pauses.size > 0) must(!timers.has('leave'), 'the reader of a session that leaves has its time', pauses);
    if (phase === 'offline') same('who is offline is told so', this.#status?.state, 'offline');
    if (phase === 'serving')
      must(/^(live|catching-up)$/.test(this.#status?.state ?? ''), 'who serves is told so', status);
    if (phase !== 'over') same('what is told is how it stands', this.#status, status);
    if (phase === 'serving' && (leaving || closing))
      must(this.#askedToLeave, 'who leaves asks so on each stream', phase);
    if (phase === 'serving' && closing) must(this.#halfClosed, 'who closes says no more', phase);
  }

  #noteRefusal(input: Input, before: Before, { leaving, closing, connection }: SessionState): void {
    if (input.kind !== 'failed' || before.phase !== 'joining' || !before.resuming || leaving || closing) return;
    if (input.connection === before.connection && isLoss(input.failure)) this.#over.add(before.id ?? '');
    must(connection === before.connection, 'a refused resume is gone on with over the same connection', input);
  }

  #checkEffect(input: Input, effect: Effect, effects: readonly Effect[], before: Before, state: SessionState): void {
    switch (effect.kind) {
      case 'joined':
        this.#joined += 1;
        must(this.#joined === 1, 'the first join is told of once', input);
        break;
      case 'join':
        this.#askedToLeave = false;
        this.#halfClosed = false;
        this.#checkJoin(effect, before, state);
        break;
      case 'listen':
        if (input.kind === 'welcomed' && before.resuming) {
          const { logId, sequence, chain } = input.welcome;
          same('a resumed session goes on from its position', { logId, sequence, chain }, positionOf(before));
        }
        break;
      case 'half-close':
        this.#halfClosed = true;
        break;
      case 'send':
        must(!this.#halfClosed, 'nothing is said after the last word', effect);
        this.#checkSend(effect, effects, state);
        break;
      case 'wait':
        this.#checkWait(input, effect, state);
        break;
      case 'emit':
        must(records(effects, 'receive', { sequence: effect.event.sequence }), 'what is received is recorded', effect);
        break;
      case 'settle':
        if (effect.outcome.kind !== 'accepted') break;
        must(records(effects, 'accepted', { sequence: effect.outcome.message.sequence }), 'and an answer', effect);
        break;
      case 'status':
        this.#status = effect.status;
        if (effect.status.state === 'history-lost') this.#losses += 1;
        break;
    }
  }

  #checkJoin({ request }: Extract<Effect, { kind: 'join' }>, { phase }: Before, { now }: SessionState): void {
    const resume = request.action.kind === 'join' ? request.action.resume : undefined;
    must(!resume || !this.#over.has(resume.session), 'a session that is over is not resumed', resume);
    if (!resume && phase !== 'name-wait') this.#nameSinceMs = now.ms;
  }

  #checkSend(
    { request: { lamport, action } }: Extract<Effect, { kind: 'send' }>,
    effects: readonly Effect[],
    { id }: SessionState,
  ): void {
    this.#askedToLeave ||= action.kind === 'leave';
    if (action.kind === 'leave') must(records(effects, 'send-leave', { lamport }), 'a leave is recorded', lamport);
    if (action.kind !== 'publish') return;
    const { text, ordinal, seen } = action;
    const fields = { lamport, ordinal, seen, text };
    must(
      records(effects, 'send', fields) || records(effects, 'send-again', fields),
      'what is sent is recorded',
      fields,
    );
    const isShown = this.#said.some((said) => said.text === text && said.losses === this.#losses && said.seen === seen);
    must(isShown || seen === 0, 'what its author had been shown is that of the saying', { text, seen });
    if (!this.#saved || this.#saved.session !== id) return;
    const used = this.#saved.ordinal + clientLimits.publishesUnansweredMax;
    must(Number(ordinal) > used, 'no ordinal of an earlier program is used again [P5]', ordinal);
  }

  #checkWait(input: Input, { timer, ms }: Extract<Effect, { kind: 'wait' }>, state: SessionState): void {
    const { now, options, leaving, closing } = state;
    if (timer === 'name') {
      const waitedMs = now.ms - this.#nameSinceMs;
      must(waitedMs < clientLimits.nameTakenMsMax, 'the own name is not waited for for ever', waitedMs);
    }
    const isRefused = timer === 'retry' && input.kind === 'failed' && input.failure.kind === 'refused';
    if (!isRefused || leaving || closing || options.offlineMsMax !== Number.POSITIVE_INFINITY) return;
    const { failure } = input as { readonly failure: Extract<Failure, { kind: 'refused' }> };
    must(ms >= failure.rejection.retryAfterMs, 'a server that says when is not asked before', ms);
  }
}

function positionOf({ logId, sequence, chain }: Before): object {
  return { logId, sequence, chain };
}

function isLoss(failure: Failure): boolean {
  if (failure.kind === 'damaged') return true;
  return failure.kind === 'refused' && /^(SESSION_UNKNOWN|HISTORY_LOST)$/.test(failure.rejection.reason);
}

/** Whether one of the effects is a record of `event` that has these fields. */
function records(effects: readonly Effect[], event: RecordEffect['event'], fields: object): boolean {
  return effects.some((effect) => {
    if (effect.kind !== 'record' || effect.event !== event) return false;
    const all = effect.fields as unknown as Record<string, unknown>;
    return Object.entries(fields).every(([name, value]) => all[name] === value);
  });
}

export function must(holds: boolean, promise: string, what: unknown): void {
  if (!holds) throw new Error(`${promise}: ${text(what)}`);
}

export function same(promise: string, actual: unknown, expected: unknown): void {
  if (text(actual) !== text(expected)) throw new Error(`${promise}: ${text(actual)} is not ${text(expected)}`);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, one) => {
    if (one instanceof Map || one instanceof Set) return [...one];
    if (typeof one === 'bigint') return `${one}n`;
    return one === Number.POSITIVE_INFINITY ? 'Infinity' : one;
  });
}
