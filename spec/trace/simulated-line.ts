import type { JoinRequest, PublishAction, Welcome } from '../../lib/codec/messages.js';
import type { RoomEvent } from '../../lib/core/event.js';
import type { RejectionReason } from '../../lib/core/rejection.js';
import type { SimulatedRoom } from './simulated-room.js';

export type Request =
  | ({ kind: 'join'; lamport: number } & Omit<JoinRequest, 'room'>)
  | ({ kind: 'publish'; lamport: number; ordinal: number } & Omit<PublishAction, 'ordinal'>)
  | { kind: 'leave'; lamport: number };

export type Response =
  | { kind: 'welcome'; welcome: Welcome }
  | { kind: 'join-refused'; reason: RejectionReason }
  | { kind: 'refused'; ordinal: number; reason: RejectionReason }
  | { kind: 'duplicate'; ordinal: number; event: RoomEvent }
  | { kind: 'event'; event: RoomEvent };

let sessions = 0;

/** A connection to a room: what was sent over it and not yet taken, and how far the server has served it. */
export class SimulatedLine {
  readonly room: SimulatedRoom;
  readonly up: Request[] = [];
  session: string | undefined;
  readonly #down: Response[] = [];
  #cursor = Number.POSITIVE_INFINITY;
  #resumable = false;

  constructor(room: SimulatedRoom) {
    this.room = room;
  }

  /** The server takes the next request. */
  takeUp(): void {
    const request = this.up.shift();
    if (request?.kind === 'join') this.#join(request);
    else if (request?.kind === 'publish') this.#publish(request);
    else if (request) this.room.leave(this.session ?? '', 'ASKED', request.lamport);
  }

  /** The client takes the next response. */
  takeDown(): Response | undefined {
    const response = this.#down.shift();
    if (response) return response;
    const event = this.room.events[this.#cursor];
    if (!event) return undefined;
    this.#cursor += 1;
    return { kind: 'event', event };
  }

  /** The connection is lost, and the server notices. */
  lose(): void {
    const { session, room } = this;
    if (session === undefined || !room.state.sessions.has(session)) return;
    if (this.#resumable) room.lingering.add(session);
    else room.leave(session, 'CONNECTION_LOST');
  }

  /** The visit goes on as this welcome says. */
  serve(welcome: Welcome): void {
    this.session = welcome.session;
    this.#cursor = welcome.sequence;
    this.#down.push({ kind: 'welcome', welcome });
  }

  #join({ resume, name, lamport, history, resumable }: Extract<Request, { kind: 'join' }>): void {
    const { room } = this;
    if (resume) {
      const welcome = room.resume(resume);
      this.#resumable = true;
      if (welcome) this.serve(welcome);
      else this.#down.push({ kind: 'join-refused', reason: 'SESSION_UNKNOWN' });
      return;
    }
    sessions += 1;
    const session = `session ${sessions}`;
    const { position: place } = room.state;
    const decision = room.take({ kind: 'join', session, senderLamport: lamport, name, resumable, ...this.#taken() });
    if (decision.kind === 'rejected') {
      this.#down.push({ kind: 'join-refused', reason: decision.rejection.reason });
      return;
    }
    this.#resumable = resumable;
    const sequence = Math.max(0, place.sequence - history);
    this.serve(room.welcome({ session, sequence, newest: place.sequence, resumed: false, ordinal: 0 }));
  }

  #publish({ lamport, text, ordinal, seen }: Extract<Request, { kind: 'publish' }>): void {
    const { room, session = '' } = this;
    const decision = room.take({
      kind: 'publish',
      session,
      senderLamport: lamport,
      text,
      ordinal,
      seen,
      ...this.#taken(),
    });
    if (decision.kind === 'rejected') {
      this.#down.push({ kind: 'refused', ordinal, reason: decision.rejection.reason });
    } else if (decision.kind === 'repeated') {
      const event = room.events[decision.sequence - 1];
      if (event) this.#down.push({ kind: 'duplicate', ordinal, event });
    }
  }

  #taken(): { newestLamport: number; timeMs: number } {
    return { newestLamport: this.room.state.position.lamport, timeMs: this.room.events.length };
  }
}
