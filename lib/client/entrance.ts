import type { ClientJournal } from '../codec/log-records.js';
import { encodeChatRequest, type JoinRequest } from '../codec/requests.js';
import type { HistoryPage, Welcome } from '../codec/responses.js';
import type { LamportClock } from '../core/clock.js';
import type { RoomEvent } from '../core/event.js';
import { sessionTag } from '../core/session-tag.js';
import { BackOff } from './back-off.js';
import type { Status } from './chat-client.js';
import { ChatStream } from './chat-stream.js';
import { HistoryDamaged, Refused, VisitOver } from './errors.js';
import type { Gate } from './gate.js';
import type { Intake } from './intake.js';
import { clientLimits } from './limits.js';
import { type Connection, openClient } from './open-client.js';
import type { Outbox, Sendable } from './outbox.js';
import type { Pause } from './pause.js';
import { readHistory } from './service-calls.js';

export interface EntranceParts {
  readonly server: string;
  /** The proxy to go by; undefined: the one that the environment names, if any. */
  readonly proxy: string | undefined;
  readonly room: string;
  readonly name: string;
  readonly history: number;
  readonly resumable: boolean;
  readonly clock: LamportClock;
  readonly intake: Intake;
  readonly outbox: Outbox;
  readonly journal: ClientJournal;
  readonly random: () => number;
  /** Shut while the reader wants no events. */
  readonly gate: Gate;
  readonly pause: Pause;
  /** Aborted when the visit is over. */
  readonly over: AbortSignal;
  /** Whether the participant only wants to be gone: then no new session is begun. */
  readonly leaving: () => boolean;
  readonly tell: (status: Status) => void;
}

/** A connection over which the visit goes on. */
export interface Entered {
  readonly client: Connection;
  readonly stream: ChatStream;
  /** What was sent before and is not known to be accepted, in order [P5] [P6]. */
  readonly again: readonly Sendable[];
}

/** The session that was to be left is over already. */
export class SessionGone extends Error {
  override name = 'SessionGone';
}

/**
 * The ways into a room: resuming the visit's session; where that is over, reading what was missed and joining anew, so
 * that the events have neither gap nor duplicate [P2] [P3]; and where the history itself is lost, beginning with the one
 * that the room has now [P11].
 */
export class Entrance {
  readonly #parts: EntranceParts;
  #session: string | undefined;
  #sessionOver: boolean;
  /** Whether what was taken in is, as far as is known, of the history that the room has. */
  #continuing: boolean;
  /** Whether the session is known from an earlier visit only. */
  #inherited: boolean;
  /** Whether the newest join was anew, and what lies before it is not known yet. */
  #behind = false;

  /** `session`: that of an earlier visit, whose place `intake` has. */
  constructor(parts: EntranceParts, session?: string) {
    this.#parts = parts;
    this.#session = session;
    this.#sessionOver = session === undefined;
    this.#continuing = session !== undefined;
    this.#inherited = session !== undefined;
  }

  /** The newest session. */
  get session(): string {
    return this.#session ?? '';
  }

  /**
   * A new connection that has joined and caught up. Rejects with `Refused` and `CannotConnect` as `ChatStream.join` does,
   * with `SessionGone` where the participant is leaving, with `VisitOver` where the visit must not go on.
   */
  async enter(): Promise<Entered> {
    const entered = await this.#arrive(async (client) => {
      // Before the join, so that its stream does not have to wait long for what it brings to be read.
      if (this.#continuing) await this.#readOn(client);
    });
    await this.catchUp(entered);
    return entered;
  }

  /** As `enter`, but before any event is taken in: nobody can have subscribed to them yet. `catchUp` has to follow. */
  begin(): Promise<Entered> {
    return this.#arrive(async () => {});
  }

  /** Takes in what happened before the join and is not known yet. Rejects as `enter` does. */
  async catchUp({ client, stream }: Entered): Promise<void> {
    if (!this.#behind) return;
    try {
      await this.#goOn(client, stream.welcome);
      if (!this.#continuing) this.#parts.intake.begun(stream.welcome);
    } catch (error) {
      stream.cancel();
      client.close();
      throw error;
    }
    this.#continuing = true;
    this.#behind = false;
  }

  async #arrive(beforeJoin: (client: Connection) => Promise<void>): Promise<Entered> {
    const { server, proxy, name: participant, room, journal } = this.#parts;
    const client = openClient(server, proxy);
    try {
      const resumed = await this.#resume(client);
      if (resumed) return resumed;
      await beforeJoin(client);
      return await this.#joinAnew(client);
    } catch (error) {
      journal.warn('not-joined', { participant, room, server, err: error });
      client.close();
      throw error;
    }
  }

  /** Undefined where there is no session to go on with. */
  async #resume(client: Connection): Promise<Entered | undefined> {
    if (this.#session === undefined || this.#sessionOver) return undefined;
    const { intake, outbox, leaving } = this.#parts;
    try {
      const resume = { session: this.#session, ...intake.place };
      const stream = await this.#join(client, { history: 0, resume });
      this.#behind = false;
      if (!stream.welcome.resumed || !this.#isHere(stream.welcome)) {
        stream.cancel();
        throw new VisitOver('The server did not go on from the place it was given. Join anew, and tell its operator.');
      }
      const inherited = this.#inherited;
      if (inherited) intake.continued(stream.welcome);
      this.#inherited = false;
      // What an earlier session sent is not known to be refused or lost until that session's end was taken in.
      return { client, stream, again: intake.settled ? outbox.resumed(stream.welcome.ordinal, inherited) : [] };
    } catch (error) {
      const reason = lossOf(error);
      if (!reason) throw error;
      if (leaving()) throw new SessionGone();
      this.#sessionOver = true;
      if (reason === 'HISTORY_LOST') this.#loseHistory();
      return undefined;
    }
  }

  /** The stream ended for what should have come next is damaged in the room's event log: there is no going on from the place. */
  historyDamaged(): void {
    this.#sessionOver = true;
    this.#loseHistory();
  }

  async #joinAnew(client: Connection): Promise<Entered> {
    const { history, intake } = this.#parts;
    const stream = await this.#joinPatiently(client, this.#continuing ? 0 : history);
    const { welcome } = stream;
    this.#session = welcome.session;
    this.#sessionOver = false;
    this.#inherited = false;
    this.#behind = this.#continuing;
    if (!this.#continuing) intake.begun(welcome);
    this.#continuing = true;
    return { client, stream, again: [] };
  }

  async #goOn(client: Connection, welcome: Welcome): Promise<void> {
    const { intake } = this.#parts;
    const { logId, sequence } = intake.place;
    if (welcome.logId === logId && welcome.sequence >= sequence) {
      intake.joined(welcome);
      await this.#readOn(client, welcome.sequence);
    }
    if (this.#continuing && !this.#isHere(welcome)) this.#loseHistory();
  }

  #isHere(welcome: Welcome): boolean {
    const { logId, sequence, chain } = this.#parts.intake.place;
    return welcome.logId === logId && welcome.sequence === sequence && welcome.chain === chain;
  }

  /** The name may still be that of the visit's own earlier session, which the server is about to end. */
  async #joinPatiently(client: Connection, history: number): Promise<ChatStream> {
    const { pause, over, random } = this.#parts;
    const backOff = new BackOff(clientLimits, random);
    const until = performance.now() + clientLimits.nameTakenMsMax;
    for (;;) {
      try {
        return await this.#join(client, { history });
      } catch (error) {
        const taken = error instanceof Refused && error.rejection.reason === 'NAME_TAKEN';
        if (!taken || this.#session === undefined || performance.now() >= until) throw error;
      }
      await pause.wait(backOff.next());
      if (over.aborted) throw new VisitOver('the visit is over');
    }
  }

  async #join(client: Connection, wish: Pick<JoinRequest, 'history' | 'resume'>): Promise<ChatStream> {
    const { server, room, name, resumable, clock, journal, over } = this.#parts;
    const lamport = clock.tick();
    const identifiers = { participant: name, room };
    if (wish.resume) {
      const { session, logId, sequence, chain } = wish.resume;
      const place = { session: sessionTag(session), logId, sequence, chain };
      journal.info('resume', { ...identifiers, server, lamport, ...place });
    } else journal.info('connect', { ...identifiers, server, lamport });
    const request = encodeChatRequest({ lamport, action: { kind: 'join', room, name, resumable, ...wish } });
    try {
      const stream = await ChatStream.join(
        client,
        client.proxy ? `${server} by the proxy ${client.proxy}` : server,
        request,
        over,
      );
      this.#recordWelcome(stream.welcome);
      return stream;
    } catch (error) {
      if (error instanceof Refused) journal.warn('join-refused', { ...identifiers, ...error.rejection });
      throw error;
    }
  }

  #recordWelcome({ room, session, logId, sequence, chain, newest, resumed, ordinal }: Welcome): void {
    this.#parts.journal.info('welcome', {
      ...{ participant: this.#parts.name, room, session: sessionTag(session), logId, sequence, chain, newest },
      ...{ resumed, ordinal, continues: resumed || this.#continuing },
    });
  }

  /** Takes in what follows in the room's event log, up to `to` or to its end. Where it does not follow, the history is lost. */
  async #readOn(client: Connection, to = Number.POSITIVE_INFINITY): Promise<void> {
    const { name: participant, room, gate, intake, over, journal, tell } = this.#parts;
    const { logId, sequence: after } = intake.place;
    for (;;) {
      const { sequence } = intake.place;
      if (sequence >= to) break;
      if (Number.isFinite(to)) tell({ state: 'catching-up', behind: to - sequence });
      const page = await this.#page(client, to - sequence);
      await gate.passage();
      if (over.aborted) throw new VisitOver('the visit is over');
      if (!page || !this.#takePage(page)) {
        this.#loseHistory();
        return;
      }
      if (intake.left === 'REMOVED') throw new VisitOver('The server removed you from the room.');
      const behind = page.newest - intake.place.sequence;
      if (behind === 0) break;
      if (!Number.isFinite(to)) tell({ state: 'catching-up', behind });
    }
    const { sequence } = intake.place;
    if (sequence > after) journal.info('gap-filled', { participant, room, logId, after, sequence });
  }

  /** Undefined where the server no longer has what follows the place. */
  async #page(client: Connection, limit: number): Promise<HistoryPage | undefined> {
    const { room, intake, over } = this.#parts;
    try {
      const { sequence, chain } = intake.place;
      return await readHistory(client, room, sequence, Number.isFinite(limit) ? limit : 0, { chain, signal: over });
    } catch (error) {
      if (error instanceof Refused && error.rejection.reason === 'HISTORY_LOST') return undefined;
      if (error instanceof HistoryDamaged) return undefined;
      throw error;
    }
  }

  /** False if it does not follow the place. */
  #takePage({ events, logId, newest }: HistoryPage): boolean {
    const { intake } = this.#parts;
    if (logId !== intake.place.logId || newest < intake.place.sequence) return false;
    if (events.length === 0) return newest === intake.place.sequence;
    return events.every((event: RoomEvent) => intake.take(event, { filled: true }));
  }

  #loseHistory(): void {
    const { name: participant, room, intake, outbox, journal, tell } = this.#parts;
    this.#continuing = false;
    const { logId, sequence } = intake.place;
    journal.warn('history-lost', { participant, room, logId, sequence });
    outbox.historyLost("The room's history is not the one it was, and with it this message may be lost.");
    tell({ state: 'history-lost' });
  }
}

/** What of a visit cannot be gone on with, where that is why a resume failed. */
function lossOf(error: unknown): 'SESSION_UNKNOWN' | 'HISTORY_LOST' | undefined {
  if (error instanceof HistoryDamaged) return 'HISTORY_LOST';
  const reason = error instanceof Refused ? error.rejection.reason : undefined;
  return reason === 'SESSION_UNKNOWN' || reason === 'HISTORY_LOST' ? reason : undefined;
}
