import type { SavedSession } from '../../../lib/client/chat-client.js';
import { clientLimits } from '../../../lib/client/limits.js';
import type { Effect, Input, PublishOutcome, TimerName } from '../../../lib/client/session/protocol.js';
import { type SessionOptions, SessionState } from '../../../lib/client/session/state.js';
import { nextChain } from '../../../lib/core/chain.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import { next, plainOptions } from './a-session.js';
import { must, same, WatchedCourse } from './watched-course.js';

/** What was sent of a publish in the newest session. */
interface Sent {
  readonly session: string;
  readonly ordinal: number;
}

/**
 * A session of which every step is checked against what is promised of all sessions, whatever happens to them. Throws at the first
 * step that breaks a promise, naming it.
 */
export class WatchedSession {
  state: SessionState;
  readonly emitted: RoomEvent[] = [];
  /** The emitted events of the present history. */
  since = 0;
  readonly texts = new Map<number, string>();
  readonly outcomes = new Map<number, PublishOutcome>();
  readonly timers = new Map<TimerName, number>();
  ended: Effect | undefined;
  /** What the session knows of its connection. */
  connection: 'none' | 'opening' | 'open' | 'joining' | 'welcomed' | 'listening' = 'none';
  page: 'none' | 'asked' | 'read' | 'taken' = 'none';
  flows = false;
  readonly #sent = new Map<number, Sent>();
  readonly #course: WatchedCourse;
  #steps = 0;
  #lamport = 0;
  #newestOrdinal = 0;
  #ordinalSession = '';
  #historyLost = false;
  #outageMs: number | undefined;
  #ownLeft = false;

  constructor(options: Partial<SessionOptions> = {}, saved?: SavedSession) {
    this.state = new SessionState({ ...plainOptions, ...options }, saved, 'tag');
    this.#course = new WatchedCourse(saved);
  }

  get openPublishes(): number[] {
    return [...this.texts.keys()].filter((id) => !this.outcomes.has(id));
  }

  step(input: Input): readonly Effect[] {
    this.#steps += 1;
    const copy = this.#steps % 8 === 0 ? structuredClone(this.state) : undefined;
    this.#expectInput(input);
    const before = { ...this.state };
    const effects = next(this.state, input);
    if (copy) {
      // All of it is plain data, and a copy goes on as the original does.
      const copied = structuredClone(next(copy, structuredClone(input)));
      same('a step is the same in a copy', effects, copied);
      same('a step leaves a copy in the same state', this.state, copy);
    }
    const wasOver = this.ended !== undefined;
    for (const [index, effect] of effects.entries()) this.#check(input, effect, effects.slice(index + 1), wasOver);
    this.#course.check(input, effects, before, this.state);
    this.#checkState();
    this.#course.checkState(this.state, this.timers);
    return effects;
  }

  #expectInput(input: Input): void {
    if (input.kind === 'publish') this.texts.set(input.id, input.text);
    if (input.kind === 'tick') this.timers.delete(input.timer);
    if (!('connection' in input) || input.connection !== this.state.connection) return;
    if (input.kind === 'opened' && this.connection === 'opening') this.connection = 'open';
    if (input.kind === 'welcomed' && this.connection === 'joining') this.connection = 'welcomed';
    if (input.kind === 'failed' && this.connection === 'joining') this.connection = 'open';
    if (input.kind === 'page-read' && this.page === 'asked') this.page = 'read';
    // Where it says that the history is lost, that waits for the reader, too.
    if (input.kind === 'page-failed' && this.page === 'asked') this.page = 'read';
    if (input.kind === 'page-end' && this.page === 'taken') this.page = 'none';
  }

  #check(input: Input, effect: Effect, rest: readonly Effect[], wasOver: boolean): void {
    must(!wasOver || effect.kind === 'settle', 'nothing comes after the end but answers to later publishes', effect);
    const isCall = ({ kind }: Effect) => kind === 'emit' || kind === 'status' || kind === 'end';
    must(!isCall(effect) || rest.every(isCall), 'what calls the program is the last of a step', effect);
    switch (effect.kind) {
      case 'open':
        must(this.connection === 'none', 'one connection at a time', effect);
        must(
          input.kind === 'begin' || input.kind === 'leave' || input.kind === 'close' || isTick(input, 'retry'),
          'a connection is opened in the beginning, after a wait, or to leave',
          input,
        );
        must(this.state.options.reconnect || input.kind === 'begin', 'none is made again that is not to be', effect);
        this.connection = 'opening';
        break;
      case 'join':
        must(this.connection === 'open', 'a join needs a connection, and is the only one', effect);
        this.connection = 'joining';
        this.#tick(effect.request.lamport);
        break;
      case 'listen':
        must(this.connection === 'welcomed', 'a stream is listened to once, after its welcome', effect);
        this.connection = 'listening';
        this.#outageMs = undefined;
        this.flows = !effect.paused;
        break;
      case 'send':
        must(['welcomed', 'listening'].includes(this.connection), 'what is sent needs a stream', effect);
        this.#tick(effect.request.lamport);
        if (effect.request.action.kind === 'publish') this.#send(effect.request.action);
        break;
      case 'flow':
        must(this.connection === 'listening', 'only what is listened to is paused', effect);
        this.flows = !effect.paused;
        break;
      case 'close':
        this.connection = 'none';
        this.page = 'none';
        break;
      case 'readHistory':
        must(['open', 'welcomed'].includes(this.connection), 'a page needs a connection', effect);
        must(this.page === 'none', 'one page at a time', effect);
        same('a page goes on from the position', effect.after, this.state.sequence);
        this.page = 'asked';
        break;
      case 'deliverPage':
        must(this.page === 'read', 'what is taken was read', effect);
        must(this.state.pauses.size === 0, 'nothing is taken for a reader that has paused', effect);
        this.page = 'taken';
        break;
      case 'wait':
        this.#wait(input, effect);
        break;
      case 'cancelWait':
        this.timers.delete(effect.timer);
        break;
      case 'settle':
        this.#settle(effect);
        break;
      case 'emit':
        this.#emit(effect);
        break;
      case 'status':
        if (effect.status.state === 'history-lost') this.#historyLost = true;
        break;
      case 'notJoined':
      case 'end':
        this.ended = effect;
        if (effect.kind === 'end' && effect.status.state === 'left') {
          must(this.#ownLeft || this.connection !== 'listening', 'who has left has received that', effect);
        }
        this.timers.clear();
        this.connection = 'none';
        break;
    }
  }

  #tick(lamport: number): void {
    must(lamport > this.#lamport, 'each send has a later Lamport time [S8]', lamport);
    this.#lamport = lamport;
  }

  #send({ text, ordinal }: { readonly text: string; readonly ordinal: number | bigint }): void {
    const session = this.state.id ?? '';
    if (session !== this.#ordinalSession) {
      this.#ordinalSession = session;
      this.#newestOrdinal = 0;
    }
    const number = Number(ordinal);
    const again = [...this.#sent].find(([, sent]) => sent.session === session && sent.ordinal === number);
    if (again) {
      const [id] = again;
      must(this.texts.get(id) === text, 'an ordinal is that of one message in its session [P5]', { ordinal, text });
      must(!this.outcomes.has(id), 'what has its answer is not sent again', { ordinal, text });
      return;
    }
    must(number > this.#newestOrdinal, 'ordinals rise [P6]', ordinal);
    this.#newestOrdinal = number;
    const id = this.openPublishes.find(
      (one) => this.texts.get(one) === text && this.#sent.get(one)?.session !== session,
    );
    must(id !== undefined, 'what is sent waits for its answer, and has had no ordinal of this session', {
      ordinal,
      text,
    });
    for (const earlier of this.openPublishes) {
      if (earlier >= (id ?? 0)) break;
      must(this.#sent.get(earlier)?.session === session, 'publishes go out in their order [P6]', { earlier, id });
    }
    this.#sent.set(id ?? 0, { session, ordinal: number });
  }

  #wait(input: Input, { timer, ms }: Extract<Effect, { kind: 'wait' }>): void {
    must(ms >= 0, 'a wait has a length', ms);
    this.timers.set(timer, ms);
    if (timer !== 'retry') return;
    const refusal = input.kind === 'failed' && input.failure.kind === 'refused' ? input.failure.rejection : undefined;
    const longest = Math.max(clientLimits.backOffMsMax, refusal?.retryAfterMs ?? 0);
    must(ms <= longest, 'a pause between tries has a limit', ms);
    this.#outageMs ??= this.state.now.ms;
    const tried = this.state.now.ms - this.#outageMs + ms;
    must(tried <= this.state.options.offlineMsMax, 'it is not tried for longer than it may', tried);
  }

  #settle({ publish, outcome }: Extract<Effect, { kind: 'settle' }>): void {
    must(this.texts.has(publish), 'only what was published has an answer', publish);
    must(!this.outcomes.has(publish), 'a publish has one answer', publish);
    this.outcomes.set(publish, outcome);
    this.timers.delete(publish);
    if (outcome.kind === 'accepted') {
      const { message } = outcome;
      must(message.participant === this.state.options.name, 'an own message answers a publish', message);
      same('with the ordinal that it was sent with', this.#sent.get(publish)?.ordinal, message.ordinal);
      must(message.sent.first <= message.sent.last && message.sent.first > 0, 'it says when it was sent', message);
    }
    if (outcome.kind === 'no-answer' && !outcome.sent) {
      const sent = this.#sent.get(publish);
      must(
        sent?.session !== this.state.id || !sent || !this.state.settled,
        'what was sent is not said to be unsent',
        publish,
      );
    }
  }

  #emit({ event, before }: Extract<Effect, { kind: 'emit' }>): void {
    const last = this.emitted.length > this.since ? this.emitted.at(-1) : undefined;
    if (last && !(last.sequence === before.sequence && last.chain === before.chain)) {
      must(this.#historyLost, 'events follow each other, but for a history that is lost [P2] [P3] [P11]', {
        event,
        before,
      });
      this.since = this.emitted.length;
    }
    if (this.#historyLost && !last) this.since = this.emitted.length;
    this.#historyLost = false;
    same('an event is the next one', event.sequence, before.sequence + 1);
    if (event.kind !== 'unknown') same('the chain goes on [P1]', event.chain, nextChain(before.chain, event));
    must(this.state.time > event.lamport, 'the clock is beyond each event [S8]', event);
    if (event.kind === 'left' && event.participant === this.state.options.name) this.#ownLeft = true;
    if (event.kind === 'joined' && event.participant === this.state.options.name) this.#ownLeft = false;
    this.emitted.push(event);
  }

  /** Something is waited for in every phase, and nothing grows beyond its limit. */
  #checkState(): void {
    const { phase, outbox, pauses, leaveHasTimeout } = this.state;
    if (phase !== 'reading') this.page = 'none';
    const waiting = outbox.numbered.size + outbox.waiting.length;
    must(waiting <= clientLimits.publishesUnansweredMax, 'publishes that wait have a limit [P12]', waiting);
    for (const id of this.openPublishes)
      must(this.ended !== undefined || this.timers.has(id), 'a publish has a limit', id);
    must(this.timers.size <= waiting + 2, 'there is one timer for what waits', [...this.timers.keys()]);
    if (phase === 'opening') must(this.connection === 'opening', 'an opening session waits for its connection', phase);
    if (phase === 'joining') must(this.connection === 'joining', 'a joining one for its answer', phase);
    if (phase === 'name-wait') must(this.timers.has('name'), 'one that waits for its name has a timer', phase);
    if (phase === 'offline') must(this.timers.has('retry'), 'one without a connection has a timer', phase);
    if (phase === 'offline') must(this.connection === 'none', 'one without a connection has none', phase);
    if (phase === 'reading') must(this.page !== 'none', 'one that reads has asked for a page', phase);
    if (phase === 'reading' && this.page === 'read') must(pauses.size > 0, 'a page waits only for its reader', phase);
    if (phase === 'serving') {
      must(this.connection === 'listening', 'one that serves listens', phase);
      same('a stream flows where nobody has paused', this.flows, pauses.size === 0);
    }
    must((phase === 'over') === (this.ended !== undefined), 'what is over has ended', phase);
    if (this.ended) same('at the end all publishes have their answers', this.openPublishes, []);
    else if (leaveHasTimeout && pauses.size === 0) must(this.timers.has('leave'), 'a leave has a limit', phase);
  }
}

function isTick(input: Input, timer: TimerName): boolean {
  return input.kind === 'tick' && input.timer === timer;
}
