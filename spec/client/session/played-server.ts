import { expect } from 'chai';
import type { Effect, Failure, Input, Moment, StreamEnd, TimerName } from '../../../lib/client/session/protocol.js';
import type { ChatRequest, JoinRequest } from '../../../lib/codec/messages.js';
import type { Command } from '../../../lib/core/command.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import { defaultLimits } from '../../../lib/core/limits.js';
import { type RejectionReason, rejection } from '../../../lib/core/rejection.js';
import { step } from '../../../lib/core/room.js';
import { emptyRoom } from '../../../lib/core/room-state.js';
import { plainWelcome } from '../scripted-server.js';
import { WatchedSession } from './watched-session.js';

type Act = () => void;

const cut: Failure = { kind: 'unreachable', message: 'cut' };
const cutOff: StreamEnd = { how: 'lost', details: 'cut', farewell: undefined };

/**
 * Ada's session and a server that keeps the contract, with a network between them that loses connections at any moment: what becomes
 * of it is played by choices. `finish` lets everything come to rest and checks what has become of each event and each message.
 */
export class PlayedServer {
  readonly session = new WatchedSession();
  losses = 0;
  sessions = 0;
  /** How often the history was lost. */
  wiped = 0;
  #now: Moment = { ms: 0, wallMs: 1_700_000_000_000, random: 0.5 };
  #room = emptyRoom('lobby');
  #events: RoomEvent[] = [];
  #logId = 'log';
  /** Chains of the events of all histories. */
  readonly #chains = new Set<string>();
  /** Answers that are on their way to the client. */
  readonly #answers: Act[] = [];
  /** Requests that are on their way to the server. */
  #uplink: ChatRequest[] = [];
  /** The sequence last sent on the present stream; undefined where there is none. */
  #cursor: number | undefined;
  /** Rejections for the present stream. */
  #refusals: number[] = [];
  #session = '';
  #isOver = true;
  #publishes = 0;
  #said = 0;
  #calm = false;
  /** Whether the client's connection is lost, which it does not know yet. */
  #broken = false;

  constructor() {
    this.#say('Bob');
    this.#step({ kind: 'begin', now: this.#now });
  }

  /** How many publishes were accepted. */
  get accepted(): number {
    return [...this.session.outcomes.values()].filter(({ kind }) => kind === 'accepted').length;
  }

  /** Does one of the things that can happen now. */
  play(choice: number): void {
    const acts = this.#possible();
    this.#pass((choice % 7) * 3, (choice % 100) / 100);
    acts[Math.floor(choice / 7) % acts.length]?.();
  }

  /** From now on nothing is lost: all comes to rest, and all is checked. */
  finish(): void {
    this.#calm = true;
    if (this.session.state.phase !== 'over') this.#step({ kind: 'resume', reason: 'paused', now: this.#now });
    for (let round = 0; round < 2_000 && !this.#isAtRest; round += 1) {
      this.#pass(5, 0.5);
      const acts = this.#possible();
      acts[round % acts.length]?.();
    }
    expect(this.#isAtRest, 'it comes to rest').to.equal(true);
    const { emitted, since, outcomes, texts, state } = this.session;
    const own = emitted.slice(since);
    if (state.phase !== 'over') {
      expect(own, 'each event once, in order').to.deep.equal(this.#events.slice((own[0]?.sequence ?? 1) - 1));
      expect([...state.participants].sort(), 'who is in the room').to.deep.equal([...this.#room.byName.keys()].sort());
      expect(state.logId).to.equal(this.#logId);
    }
    const published = this.#events.flatMap((event) =>
      event.kind === 'message' && event.participant === 'Ada' ? [event] : [],
    );
    expect(new Set(published.map(({ text }) => text)).size, 'no message twice').to.equal(published.length);
    for (const [id, outcome] of outcomes) {
      const event = published.find(({ text }) => text === texts.get(id));
      if (outcome.kind === 'accepted') {
        expect(this.#chains.has(outcome.message.chain), 'what was accepted is there').to.equal(true);
        expect(outcome.message.text).to.equal(texts.get(id));
        continue;
      }
      if (outcome.kind === 'refused') expect(event, 'what was refused is not there').to.equal(undefined);
      else if (!outcome.sent) expect(event, 'what was not sent is not there').to.equal(undefined);
    }
    const order = published.map(({ text }) => Number(text));
    expect(order, 'in the order in which they were said [P6]').to.deep.equal([...order].sort((a, b) => a - b));
  }

  get #isAtRest(): boolean {
    const { phase, status } = this.session.state;
    if (phase === 'over') return true;
    const isRead = this.#cursor === this.#events.length && this.#uplink.length + this.#answers.length === 0;
    return phase === 'serving' && isRead && status?.state === 'live' && this.session.openPublishes.length === 0;
  }

  #pass(ms: number, random: number): void {
    const now = this.#now.ms + ms;
    this.#now = { ms: now, wallMs: 1_700_000_000_000 + now, random };
  }

  #step(input: Input): void {
    for (const effect of this.session.step(input)) this.#do(effect);
  }

  #connected(input: Record<string, unknown>): Act {
    const { connection } = this.session.state;
    return () => this.#step({ ...input, connection, now: this.#now } as unknown as Input);
  }

  #do(effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        this.#answers.push(this.#connected({ kind: 'opened' }));
        break;
      case 'join':
        this.#answers.push(
          this.#broken ? this.#connected({ kind: 'failed', failure: cut }) : this.#joining(effect.request),
        );
        break;
      case 'listen':
        if (this.#broken) this.#answers.push(this.#connected({ kind: 'lost', end: cutOff }));
        break;
      case 'send':
        if (!this.#broken) this.#uplink.push(effect.request);
        break;
      case 'readHistory':
        this.#answers.push(
          this.#broken ? this.#connected({ kind: 'page-failed', failure: cut }) : this.#reading(effect),
        );
        break;
      case 'deliverPage':
        for (const event of this.#page) this.#connected({ kind: 'page-event', event })();
        this.#connected({ kind: 'page-end' })();
        break;
      case 'close':
        this.#hangUp();
        this.#broken = false;
        break;
    }
  }

  #page: readonly RoomEvent[] = [];

  #reading({ after, limit }: Extract<Effect, { kind: 'readHistory' }>): Act {
    const { connection } = this.session.state;
    return () => {
      this.#page = this.#events.slice(after, after + Math.min(limit || 3, 3));
      const page = { logId: this.#logId, newest: this.#events.length, events: this.#page.length };
      this.#step({ kind: 'page-read', connection, page, now: this.#now });
    };
  }

  #joining({ action }: ChatRequest): Act {
    const { connection } = this.session.state;
    return () => {
      const { resume } = action as JoinRequest;
      if (resume && resume.logId !== this.#logId) this.#fail(connection, 'HISTORY_LOST');
      else if (resume && (this.#isOver || resume.session !== this.#session)) this.#fail(connection, 'SESSION_UNKNOWN');
      else if (!resume && !this.#isOver) this.#fail(connection, 'NAME_TAKEN');
      else this.#welcome(connection, resume?.sequence);
    };
  }

  #fail(connection: number, reason: RejectionReason): void {
    const failure: Failure = { kind: 'refused', rejection: rejection(reason) };
    this.#step({ kind: 'failed', connection, failure, now: this.#now });
  }

  #welcome(connection: number, resumedAt: number | undefined): void {
    const newest = this.#events.length;
    const participants = [...this.#room.byName.keys()];
    const { position: place } = this.#room;
    let welcome = { ...plainWelcome, logId: this.#logId, sequence: newest, chain: place.chain, newest, participants };
    if (resumedAt === undefined) {
      this.sessions += 1;
      this.#session = `session ${this.sessions}`;
      this.#isOver = false;
      welcome = { ...welcome, session: this.#session };
      this.#append({ kind: 'join', name: 'Ada', resumable: true });
    } else {
      const chain = this.#events[resumedAt - 1]?.chain ?? '';
      const ordinal = this.#acceptedOrdinal();
      welcome = { ...welcome, session: this.#session, sequence: resumedAt, chain, resumed: true, ordinal };
    }
    this.#cursor = welcome.sequence;
    this.#step({ kind: 'welcomed', connection, welcome, tag: this.#session, now: this.#now });
  }

  /** The newest ordinal of Ada's that the room has accepted in her present session. */
  #acceptedOrdinal(): number {
    const began = this.#events.findLastIndex(({ kind, participant }) => kind === 'joined' && participant === 'Ada');
    const own = this.#events.slice(began).filter((event) => event.kind === 'message' && event.participant === 'Ada');
    return Math.max(0, ...own.map((event) => (event.kind === 'message' ? event.ordinal : 0)));
  }

  #append(draft: Partial<Command> & Pick<Command, 'kind'>, session = this.#session): RoomEvent | undefined {
    const sent = { session, senderLamport: 0, newestLamport: 0, timeMs: 1_700_000_000_000 };
    const decision = step(this.#room, { ...sent, ...draft } as Command, defaultLimits);
    if (decision.kind !== 'accepted') return undefined;
    this.#events.push(decision.entry.event);
    this.#chains.add(decision.entry.event.chain);
    return decision.entry.event;
  }

  #say(name: string): void {
    if (!this.#room.byName.has(name)) this.#append({ kind: 'join', name, resumable: false }, name);
    this.#said += 1;
    this.#append({ kind: 'publish', text: `said ${this.#said}`, ordinal: this.#said, seen: 0 } as never, name);
  }

  /** What the server does with the next request. */
  #serve(refusing: boolean): void {
    const request = this.#uplink.shift();
    if (request?.action.kind !== 'publish' || this.#isOver) return;
    const { text, ordinal, seen } = request.action;
    expect(seen, 'what its author had been shown is of this history').to.be.at.most(this.#events.length);
    if (refusing) this.#refusals.push(Number(ordinal));
    else this.#append({ kind: 'publish', text, ordinal, seen: 0 } as never);
  }

  #send(count: number): void {
    const { connection } = this.session.state;
    const cursor = this.#cursor ?? 0;
    const events = this.#events.slice(cursor, cursor + count);
    this.#cursor = cursor + events.length;
    for (const event of events) this.#step({ kind: 'received', connection, event });
    for (const ordinal of this.#refusals.splice(0)) {
      this.#step({ kind: 'rejected', connection, rejection: rejection('RATE_LIMITED', ordinal) });
    }
    this.#step({ kind: 'response-end', connection });
  }

  /** The connection is lost, and of what is under way to the server only the first `kept` come there. */
  #cut(kept: number): void {
    this.losses += 1;
    const { connection, phase } = this.session.state;
    for (let n = 0; n < kept; n += 1) this.#serve(false);
    this.#hangUp();
    this.#broken = true;
    if (phase === 'serving') this.#step({ kind: 'lost', connection, end: cutOff, now: this.#now });
    else if (phase !== 'reading') this.#step({ kind: 'failed', connection, failure: cut, now: this.#now });
    else this.#step({ kind: 'page-failed', connection, failure: cut, now: this.#now });
  }

  #hangUp(): void {
    this.#answers.length = 0;
    this.#uplink = [];
    this.#refusals = [];
    this.#cursor = undefined;
  }

  /** The server's store is another one; Bob is in its room. */
  #wipe(): void {
    this.wiped += 1;
    this.#room = emptyRoom('lobby');
    this.#events = [];
    this.#logId = `log ${this.wiped}`;
    this.#isOver = true;
    this.#say('Bob');
    this.#cut(0);
  }

  /** The grace of Ada's session is over. */
  #endSession(): void {
    this.#append({ kind: 'leave', reason: 'CONNECTION_LOST' });
    this.#isOver = true;
  }

  #possible(): Act[] {
    const { session } = this;
    const { phase, pauses } = session.state;
    if (phase === 'over') return [() => {}];
    const acts: Act[] = [];
    const often = (times: number, act: Act) => acts.push(...Array.from({ length: times }, () => act));
    const [answer] = this.#answers;
    if (answer) {
      often(4, () => {
        this.#answers.shift();
        answer();
      });
    }
    if (this.#uplink.length > 0) often(3, () => this.#serve(false));
    if (phase === 'serving' && pauses.size === 0 && !this.#broken) {
      often(2, () => this.#send(1));
      often(2, () => this.#send(3));
    }
    for (const timer of session.timers.keys()) if (this.#isShort(timer)) often(3, () => this.#tick(timer));
    // A session that nobody resumes is over before its name is free.
    if (phase === 'name-wait' && this.#cursor === undefined) often(2, () => this.#endSession());
    if (this.#calm) return acts.length > 0 ? acts : [() => {}];
    acts.push(() => this.#say('Bob'));
    acts.push(() => this.#append({ kind: 'leave', reason: 'ASKED' }, 'Bob'));
    often(3, () => this.#publish());
    acts.push(() => this.#step({ kind: 'pause', reason: 'paused' }));
    often(2, () => this.#step({ kind: 'resume', reason: 'paused', now: this.#now }));
    if (this.#uplink.length > 0) acts.push(() => this.#serve(true));
    if (['serving', 'reading', 'joining', 'opening'].includes(phase)) {
      acts.push(() => this.#cut(0));
      acts.push(() => this.#cut(2));
      if (session.state.begun && this.#said % 4 === 0) acts.push(() => this.#wipe());
    }
    if (this.#cursor === undefined && !this.#isOver) acts.push(() => this.#endSession());
    return acts;
  }

  #isShort(timer: TimerName): boolean {
    return timer === 'retry' || timer === 'name';
  }

  #tick(timer: TimerName): void {
    this.#pass(this.session.timers.get(timer) ?? 0, this.#now.random);
    this.#step({ kind: 'tick', timer, now: this.#now });
  }

  #publish(): void {
    this.#publishes += 1;
    this.#step({ kind: 'publish', id: this.#publishes, text: `${this.#publishes}` });
  }
}
