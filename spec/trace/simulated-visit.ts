import type { ResumePlace, Welcome } from '../../lib/codec/messages.js';
import type { RoomEvent } from '../../lib/core/event.js';
import type { SimulatedClient } from './simulated-client.js';
import { type Response, SimulatedLine } from './simulated-line.js';
import type { SimulatedRoom } from './simulated-room.js';

/** One client's way through one room, as docs/protocol.md has it: resume, send again, fill in what was missed. */
export class SimulatedVisit {
  readonly client: SimulatedClient;
  readonly room: SimulatedRoom;
  state: 'out' | 'joining' | 'in' | 'cut' = 'out';
  line: SimulatedLine | undefined;
  /** Set when it was let in at least once. */
  known = false;
  /** How it ended last; undefined while it has not. */
  ended: 'left' | 'gone' | undefined;
  leaving = false;
  /** What the server has not answered, by ordinal. */
  readonly unanswered = new Map<number, string>();
  /** Refused publishes of this session. */
  readonly refused: { ordinal: number; text: string; seen: number }[] = [];
  /** How often each ordinal of this session was sent. */
  readonly tries = new Map<number, number>();
  /** The last event taken in. */
  place: ResumePlace | undefined;
  #kept: ResumePlace | undefined;
  #fills = false;
  #ordinal = 0;
  #newestAtJoin = 0;
  readonly #sent = new Map<number, string>();
  readonly #now: () => number;

  constructor(client: SimulatedClient, room: SimulatedRoom, now: () => number) {
    this.client = client;
    this.room = room;
    this.#now = now;
  }

  join(history: number, resumable: boolean): void {
    if (this.state !== 'out' || !this.client.alive) return;
    this.#join({ history: this.#fills ? 0 : history, resumable });
  }

  say(text: string): void {
    if (this.state !== 'in' || this.leaving) return;
    this.#ordinal += 1;
    this.unanswered.set(this.#ordinal, text);
    this.#sent.set(this.#ordinal, text);
    this.#send(this.#ordinal, text);
  }

  /** Sends again what was sent before, answered or not. */
  again(pick: number): void {
    if (this.state !== 'in' || this.leaving) return;
    const sent = [...this.#sent];
    const [ordinal, text] = sent[pick % sent.length] ?? [];
    if (ordinal === undefined || text === undefined) return;
    this.unanswered.set(ordinal, text);
    this.#send(ordinal, text);
  }

  /** It will not be sent again. */
  forget(ordinal: number): void {
    this.#sent.delete(ordinal);
  }

  leave(): void {
    if (this.state !== 'in' || this.leaving) return;
    this.leaving = true;
    const lamport = this.client.tick();
    this.client.record.leave(this.room.room, lamport);
    this.line?.up.push({ kind: 'leave', lamport });
  }

  cut(): void {
    if (this.line) this.client.record.offline(this.room.room);
    this.#lose();
  }

  #lose(): void {
    if (!this.line) return;
    this.line.lose();
    this.line = undefined;
    this.leaving = false;
    this.state = this.place ? 'cut' : 'out';
  }

  /** Comes back after a lost connection. */
  back(): void {
    if (this.state === 'cut' && this.client.alive) this.#join({ history: 0, resumable: true, resume: this.place });
  }

  /** Writes down its place, for a later process. */
  keep(): void {
    if (this.state === 'in') this.#kept = this.place;
  }

  die(): void {
    this.#lose();
    this.#forgetUnanswered();
    this.place = this.#kept;
    this.#fills = false;
    this.state = this.place ? 'cut' : 'out';
  }

  takeDown(): boolean {
    const response = this.line?.takeDown();
    if (response) this.#take(response);
    return response !== undefined;
  }

  #join(how: { history: number; resumable: boolean; resume?: ResumePlace | undefined }): void {
    const { client, room } = this;
    const { name } = client;
    const lamport = client.tick();
    client.record.join({ room: room.room, name, lamport, resume: how.resume });
    this.line = new SimulatedLine(room);
    this.line.up.push({ kind: 'join', name, lamport, resume: undefined, ...how });
    this.state = 'joining';
    this.ended = undefined;
  }

  #send(ordinal: number, text: string): void {
    this.tries.set(ordinal, (this.tries.get(ordinal) ?? 0) + 1);
    const lamport = this.client.tick();
    const seen = this.place?.sequence ?? 0;
    this.client.record.send({ room: this.room.room, ordinal, text, lamport, seen, at: this.#now() });
    this.line?.up.push({ kind: 'publish', lamport, text, ordinal, seen });
  }

  #take(response: Response): void {
    const { client, room } = this;
    switch (response.kind) {
      case 'welcome':
        this.#welcome(response.welcome);
        break;
      case 'join-refused':
        client.record.joinRefused(room.room, response);
        this.line = undefined;
        if (this.place) {
          this.#forgetUnanswered();
          this.#fills = true;
        }
        this.state = 'out';
        break;
      case 'refused':
        this.refused.push({
          ...response,
          text: this.#sent.get(response.ordinal) ?? '',
          seen: this.place?.sequence ?? 0,
        });
        this.unanswered.delete(response.ordinal);
        client.record.refused({ room: room.room, ...response });
        break;
      case 'duplicate':
        this.unanswered.delete(response.ordinal);
        client.record.accepted({ room: room.room, ...response, duplicate: true, at: this.#now() });
        break;
      case 'event':
        this.#receive(response.event);
    }
  }

  #welcome(welcome: Welcome): void {
    const { record } = this.client;
    const continues = welcome.resumed || this.#fills;
    record.welcome(welcome, { continues });
    this.known = true;
    this.state = 'in';
    if (!welcome.resumed) this.#anew(welcome);
    if (this.#fills) this.#fillUpTo(welcome.newest);
    this.#fills = false;
    const { session, logId, sequence, chain } = welcome;
    if (!continues || !this.place) this.place = { session, logId, sequence, chain };
    this.place = { ...this.place, session };
    for (const [ordinal, text] of this.unanswered) this.#send(ordinal, text);
  }

  #anew({ newest }: Welcome): void {
    this.#newestAtJoin = newest;
    this.#ordinal = 0;
    this.#sent.clear();
    this.tries.clear();
    this.#forgetUnanswered();
    this.refused.length = 0;
    this.#kept = undefined;
  }

  #fillUpTo(newest: number): void {
    for (const event of this.room.events.slice(this.place?.sequence ?? 0, newest)) {
      this.client.clock.receive(event.lamport);
      this.client.record.fill(this.room.room, event, this.client.clock.time);
      this.#reached(event);
    }
  }

  #receive(event: RoomEvent): void {
    const { client, room } = this;
    client.clock.receive(event.lamport);
    client.record.receive(room.room, event, client.clock.time);
    this.#reached(event);
    if (event.participant !== client.name || event.sequence <= this.#newestAtJoin) return;
    if (event.kind === 'message' && this.unanswered.delete(event.ordinal)) {
      client.record.accepted({ room: room.room, ordinal: event.ordinal, event, at: this.#now() });
    }
    if (event.kind === 'left') this.#over();
  }

  #reached({ sequence, chain }: RoomEvent): void {
    if (this.place) this.place = { ...this.place, sequence, chain };
  }

  #over(): void {
    this.#forgetUnanswered();
    this.ended = this.leaving ? 'left' : 'gone';
    this.leaving = false;
    this.line = undefined;
    this.place = undefined;
    this.#kept = undefined;
    this.state = 'out';
  }

  #forgetUnanswered(): void {
    for (const ordinal of this.unanswered.keys()) this.client.record.unknown({ room: this.room.room, ordinal });
    this.unanswered.clear();
  }
}
