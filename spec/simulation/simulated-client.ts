import { decodeEvent } from '../../lib/codec/event-codec.js';
import type { ChatResponse, Welcome } from '../../lib/codec/messages.js';
import { decodeHistoryPage, encodeHistoryPage } from '../../lib/codec/responses.js';
import { LamportClock } from '../../lib/core/clock.js';
import type { RoomEvent } from '../../lib/core/event.js';
import type { Rejection } from '../../lib/core/rejection.js';
import type { Ending } from '../../lib/server/actors/peer.js';
import type { ServerActor } from '../../lib/server/actors/server-actor.js';
import type { ClientRecorder } from '../trace/recorder.js';
import { SimulatedPeer } from './simulated-peer.js';

const room = 'lobby';

interface Unanswered {
  readonly ordinal: number;
  readonly text: string;
  /** How often it was sent on the present stream without being refused: each is answered for itself. */
  tries: number;
}

export interface SimulatedClientOptions {
  readonly name: string;
  readonly resumable: boolean;
  readonly record: ClientRecorder;
  /** What happened so far, in steps of the simulation. */
  readonly at: () => number;
  /** Responses that wait for it before its stream is not writable. */
  readonly waitingMax: number;
}

/** A publish of a session that is over, of which nobody has said what became of it. */
interface Open {
  readonly session: string;
  readonly ordinal: number;
  readonly text: string;
}

/**
 * A participant that follows the protocol: it joins, resumes from its place, repeats what was not answered, fills in by
 * ReadHistory what it missed when its session is over, and writes down all it goes through.
 */
export class SimulatedClient {
  readonly name: string;
  readonly #options: SimulatedClientOptions;
  readonly #clock = new LamportClock();
  #server: ServerActor;
  #peer: SimulatedPeer | undefined;
  /** The session and place that it could resume; none before the first welcome and after the session's end. */
  #welcome: Welcome | undefined;
  /** The last event taken in, of whatever session. */
  #place: { logId: string; sequence: number; chain: string } | undefined;
  /** The sequence of the session's Joined. */
  #joinedAt = 0;
  #asking = false;
  #live = false;
  #leaving = false;
  #ordinal = 0;
  #said = 0;
  #unanswered: Unanswered[] = [];
  #open: Open[] = [];
  /** Streams that it has given up and the server has not noticed yet. */
  #ghosts: SimulatedPeer[] = [];

  constructor(server: ServerActor, options: SimulatedClientOptions) {
    this.#server = server;
    this.#options = options;
    this.name = options.name;
  }

  get connected(): boolean {
    return this.#peer !== undefined;
  }

  get live(): boolean {
    return this.#live;
  }

  /** Whether the server owes it an answer or events. */
  get hasSession(): boolean {
    return this.#welcome !== undefined;
  }

  get sequence(): number {
    return this.#place?.sequence ?? 0;
  }

  /** Another life of the server is there. */
  serverIs(server: ServerActor): void {
    this.#peer?.abandon();
    for (const ghost of this.#ghosts) ghost.abandon();
    this.#ghosts = [];
    this.#server = server;
  }

  /** Asks to resume if there is a session, else to join. */
  connect(history: number): void {
    if (this.#peer) return;
    const { record, resumable, waitingMax, name } = this.#options;
    const lamport = this.#clock.tick();
    const place = this.#welcome && this.#place;
    const resume = place && this.#welcome ? { session: this.#welcome.session, ...place } : undefined;
    const peer: SimulatedPeer = new SimulatedPeer(
      {
        received: (response) => {
          if (this.#peer === peer) this.#received(response);
        },
        ended: (ending) => {
          if (this.#peer === peer) this.#ended(ending);
        },
      },
      waitingMax,
    );
    this.#peer = peer;
    this.#asking = true;
    record.join({ room, name, lamport, resume: place });
    peer.connectedTo(this.#server.connect(peer));
    peer.request({ kind: 'join', lamport, join: { room, name, history, resumable, resume } });
  }

  say(): void {
    if (!this.#live || !this.#peer || this.#leaving) return;
    this.#ordinal += 1;
    this.#said += 1;
    const publish = { ordinal: this.#ordinal, text: `${this.name} ${this.#said}`, tries: 0 };
    this.#unanswered.push(publish);
    this.#send(publish);
  }

  /** Sends again what it has an event for already, or will have: the server must not publish it twice. */
  repeat(): void {
    const [first] = this.#unanswered;
    if (first && this.#live && !this.#leaving) this.#send(first);
  }

  leave(halfClose: boolean): void {
    if (!this.#live || !this.#peer || this.#leaving) return;
    this.#leaving = true;
    // Of a resumable session a half-close alone says nothing.
    if (!halfClose || this.#options.resumable) {
      const lamport = this.#clock.tick();
      this.#options.record.leave(room, lamport);
      this.#peer.request({ kind: 'leave', lamport });
    }
    if (!halfClose) return;
    if (!this.#options.resumable) this.#options.record.leave(room);
    this.#peer.request({ kind: 'half-closed' });
  }

  /** It gives its stream up as grpc-js does, by closing its requests first: a leave only of a plain session. */
  cancel(): void {
    const peer = this.#peer;
    if (!peer) return;
    if (!this.#options.resumable) this.#options.record.leave(room);
    peer.request({ kind: 'half-closed' });
    this.giveUp();
  }

  take(count: number): void {
    this.#peer?.take(count);
  }

  cut(): void {
    this.#peer?.cut();
  }

  /** It gives its connection up, as it does when that is silent for too long; the server knows nothing of it. */
  giveUp(): void {
    const peer = this.#peer;
    if (!peer) return;
    this.#ghosts.push(peer);
    this.#ended(undefined);
  }

  /** The server notices the oldest stream that was given up. */
  ghostGoes(): void {
    this.#ghosts.shift()?.cut();
  }

  /** Asks by a call what became of a publish whose session is over [P5]. */
  askAgain(): void {
    const open = this.#open.shift();
    if (!open) return;
    const { record, at } = this.#options;
    const lamport = this.#clock.tick();
    const seen = this.sequence;
    record.send({ room, ...open, lamport, seen, at: at() });
    this.#open.push(open);
    const { session, ordinal, text } = open;
    this.#server.tell({
      kind: 'request',
      request: { kind: 'publish', session, lamport, publish: { text, ordinal, seen } },
      replyTo: {
        tell: ({ answer }) => {
          if (answer.kind !== 'accepted' && answer.kind !== 'repeated') return;
          this.#open = this.#open.filter((one) => one !== open);
          const duplicate = answer.kind === 'repeated';
          record.accepted({ room, session, ordinal, event: decodeEvent(answer.event), duplicate, at: at() });
        },
      },
    });
  }

  /** The simulation is over for it. */
  finish(): void {
    const { record } = this.#options;
    for (const { ordinal } of this.#unanswered) record.unknown({ room, ordinal });
    for (const { session, ordinal } of this.#open) record.unknown({ room, session, ordinal });
    if (this.#live) this.#options.record.end(room, 'present');
  }

  #send(publish: Unanswered): void {
    const { ordinal, text } = publish;
    publish.tries += 1;
    const lamport = this.#clock.tick();
    const seen = this.sequence;
    this.#options.record.send({ room, ordinal, text, lamport, seen, at: this.#options.at() });
    this.#peer?.request({ kind: 'publish', lamport, publish: { text, ordinal, seen } });
  }

  #received({ events, welcome, rejection }: ChatResponse): void {
    if (welcome) this.#welcomed(welcome);
    for (const event of events) this.#takeIn(event);
    if (rejection) this.#refused(rejection);
  }

  #welcomed(welcome: Welcome): void {
    const { record } = this.#options;
    this.#asking = false;
    this.#live = true;
    const before = this.#place;
    // A new session of the same log goes on from what it has; what lies between is read.
    const continues = welcome.resumed || (before !== undefined && before.logId === welcome.logId);
    record.welcome(welcome, { continues });
    this.#welcome = welcome;
    if (!welcome.resumed) {
      this.#ordinal = 0;
      this.#joinedAt = welcome.newest + 1;
    }
    const { logId, sequence, chain } = welcome;
    if (!continues) this.#place = { logId, sequence, chain };
    else if (before && before.sequence < sequence) this.#fill(sequence);
    for (const publish of this.#unanswered) {
      publish.tries = 0;
      this.#send(publish);
    }
  }

  /** Reads on from its place up to `sequence`. */
  #fill(sequence: number): void {
    while (this.sequence < sequence) {
      const events = this.#readPage(sequence - this.sequence);
      if (events.length === 0) throw new Error('history ends before the newest that was told');
      for (const event of events) {
        this.#options.record.fill(room, event);
        this.#moveTo(event);
      }
    }
  }

  #readPage(limit: number): readonly RoomEvent[] {
    let events: readonly RoomEvent[] = [];
    this.#server.tell({
      kind: 'read-history',
      room,
      after: this.sequence,
      limit,
      bytesMax: Number.POSITIVE_INFINITY,
      replyTo: {
        tell: (answer) => {
          if (answer.kind !== 'page') throw new Error('history is refused');
          events = decodeHistoryPage(encodeHistoryPage(answer.events, answer.logId, answer.newest)).events;
        },
      },
    });
    return events;
  }

  #takeIn(event: RoomEvent): void {
    // A join with history sends events that it may have already.
    if (event.sequence <= this.sequence && this.#welcome && event.sequence <= this.#welcome.newest) return;
    const { record } = this.#options;
    this.#clock.receive(event.lamport);
    record.receive(room, event, this.#clock.time);
    this.#moveTo(event);
    // Somebody of this name may have been here before.
    if (event.participant !== this.name || event.sequence < this.#joinedAt) return;
    if (event.kind === 'message') this.#answered(event);
    if (event.kind === 'left') this.#sessionOver('left');
  }

  #answered(event: RoomEvent & { kind: 'message' }): void {
    if (!this.#unanswered.some(({ ordinal }) => ordinal === event.ordinal)) return;
    this.#unanswered = this.#unanswered.filter(({ ordinal }) => ordinal !== event.ordinal);
    this.#options.record.accepted({ room, ordinal: event.ordinal, event, at: this.#options.at() });
  }

  #moveTo({ sequence, chain }: RoomEvent): void {
    this.#place = { logId: this.#welcome?.logId ?? '', sequence, chain };
  }

  #refused(rejection: Rejection): void {
    const { record } = this.#options;
    if (this.#asking) {
      record.joinRefused(room, rejection);
      if (rejection.reason === 'SESSION_UNKNOWN') this.#sessionOver('gone');
      if (rejection.reason === 'HISTORY_LOST') {
        this.#sessionOver('lost');
        this.#place = undefined;
      }
      return;
    }
    if (rejection.ordinal === 0) {
      this.#leaving = false;
      return;
    }
    const ordinal = Number(rejection.ordinal);
    const refused = this.#unanswered.find((publish) => publish.ordinal === ordinal);
    if (!refused) return;
    refused.tries -= 1;
    if (refused.tries > 0) return;
    this.#unanswered = this.#unanswered.filter((publish) => publish !== refused);
    record.refused({ room, ordinal, reason: rejection.reason });
  }

  #sessionOver(how: 'left' | 'gone' | 'lost'): void {
    const { record } = this.#options;
    const session = this.#welcome?.session ?? '';
    for (const { ordinal, text } of this.#unanswered) this.#open.push({ session, ordinal, text });
    this.#unanswered = [];
    if (this.#welcome) record.end(room, how === 'left' && !this.#leaving ? 'gone' : how);
    this.#welcome = undefined;
    this.#live = false;
    this.#leaving = false;
  }

  #ended(_ending: Ending | undefined): void {
    this.#peer = undefined;
    this.#asking = false;
    this.#live = false;
    this.#leaving = false;
    // A plain session is over with its stream; when, it will know from the log.
    if (this.#welcome && !this.#options.resumable) this.#sessionOver('gone');
  }
}
