import type { JoinStep, ReceiveStep, SendStep, StartStep, WelcomeStep } from './history.js';

/** How a client was let in, and what it was and had by then. */
export interface Entrance {
  readonly welcome: WelcomeStep;
  /** The request that had no answer yet. */
  readonly asked: JoinStep | undefined;
  /** Whether the one before is told once more, for it turned out that the history is lost. */
  readonly toldAgain: boolean;
  /** The session that the present process had been let in to. */
  readonly present: string | undefined;
  /** Whether the client had been let in to the session before. */
  readonly known: boolean;
  /** Whether it had a place in the room. */
  readonly placed: boolean;
  /** The greatest ordinal sent in the session, if that began with the client. */
  readonly sent: number | undefined;
}

/** An event that was received in a room by whom its latest request had not been let in. */
export interface OutsideReceipt {
  readonly receipt: ReceiveStep;
  /** The request that had no answer yet. */
  readonly asked: JoinStep | undefined;
}

/** Gathers how one client asks to be let in to its rooms, and is. */
export class ClientEntrances {
  readonly all: Entrance[] = [];
  readonly outside: OutsideReceipt[] = [];
  /** Rooms that it ever asked to be let in to, and those of which the latest request was answered with a welcome. */
  readonly #rooms = new Set<string>();
  readonly #inside = new Set<string>();
  readonly #asked = new Map<string, JoinStep>();
  readonly #latest = new Map<string, WelcomeStep>();
  readonly #ofProcess = new Map<string, string>();
  readonly #sessions = new Set<string>();
  readonly #sent = new Map<string, number>();
  readonly #placed = new Set<string>();

  start({ room }: StartStep): void {
    if (room === undefined) this.#ofProcess.clear();
    else this.#ofProcess.delete(room);
  }

  join(join: JoinStep): void {
    this.#rooms.add(join.room);
    this.#asked.set(join.room, join);
    if (join.resume) this.#placed.add(join.room);
    this.#inside.delete(join.room);
  }

  refused(room: string): void {
    this.#asked.delete(room);
  }

  welcome(welcome: WelcomeStep): void {
    const { room, session } = welcome;
    const before = this.#latest.get(room);
    const toldAgain = before?.continues === true && !welcome.continues && before.session === session;
    const known = this.#sessions.has(session);
    if (!welcome.resumed && !known) this.#sent.set(session, 0);
    const had = { asked: this.#asked.get(room), present: this.#ofProcess.get(room), sent: this.#sent.get(session) };
    this.all.push({ welcome, ...had, toldAgain, known, placed: this.#placed.has(room) });
    this.#asked.delete(room);
    this.#latest.set(room, welcome);
    this.#inside.add(room);
    this.#ofProcess.set(room, session);
    this.#placed.add(room);
    this.#sessions.add(session);
  }

  send({ session, ordinal }: SendStep): void {
    const sent = this.#sent.get(session);
    if (sent !== undefined) this.#sent.set(session, Math.max(sent, Number(ordinal)));
  }

  receive(receipt: ReceiveStep): void {
    const { room, filled } = receipt;
    // What was missed is read before joining anew.
    if (!(filled ? this.#rooms : this.#inside).has(room)) this.outside.push({ receipt, asked: this.#asked.get(room) });
  }
}
