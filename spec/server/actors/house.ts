import { Subject } from 'rxjs';
import type { JoinRequest } from '../../../lib/codec/messages.js';
import { decodeChatResponse } from '../../../lib/codec/responses.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import { defaultLimits, type Limits } from '../../../lib/core/limits.js';
import type { Rejection } from '../../../lib/core/rejection.js';
import type { Fields, Journal } from '../../../lib/platform/journal.js';
import type {
  HistoryAnswer,
  ParticipantsAnswer,
  RoomsAnswer,
  SessionRequest,
} from '../../../lib/server/actors/messages.js';
import { ServerActor } from '../../../lib/server/actors/server-actor.js';
import { systemTime } from '../../../lib/server/actors/turns.js';
import type { EventLog } from '../../../lib/server/log/event-log.js';
import { MemoryLog } from '../../../lib/server/log/memory-log.js';
import type { Answer, CommandReply } from '../../../lib/server/room/pending.js';
import { FakePeer, type FakePeerOptions } from './fake-peer.js';
import { FaultyLog } from './faulty-log.js';

export interface JournalRecord extends Fields {
  readonly level: keyof Journal;
  readonly event: string;
}

type JoinOptions = Partial<JoinRequest> & FakePeerOptions & { readonly lamport?: number };

/** What a test waits for has this long to come; nothing is right by waiting. */
const patienceMs = 5_000;

/** The real actors in a house of their own: their log is in memory, their clock and their streams are the test's. */
export class House {
  readonly limits: Limits;
  readonly log: FaultyLog;
  readonly server: ServerActor;
  readonly records: JournalRecord[] = [];
  readonly peers: FakePeer[] = [];
  nowMs = 1_700_000_000_000;
  readonly #changed$ = new Subject<void>();
  #secrets = 0;

  /** What the actors were told, in that order. */
  readonly messages: { readonly actor: string; readonly message: { readonly kind: string } }[] = [];

  /** `log`: to go on with another house's. */
  constructor(limits: Partial<Limits> = {}, log?: EventLog) {
    this.limits = { ...defaultLimits, companyMsMax: 1, ...limits };
    this.log = new FaultyLog(log ?? new MemoryLog(this.limits), () => this.#changed$.next());
    this.server = new ServerActor({
      log: this.log,
      limits: this.limits,
      journal: this.#journal(),
      time: { ...systemTime, now: () => this.nowMs },
      newSecret: () => this.#newSecret(),
      observe: (actor, message) => this.messages.push({ actor, message }),
    });
  }

  /** Resolves when `condition` holds, looking after each thing that happens in the house. */
  until(what: string, condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const impatience = setTimeout(() => {
        subscription.unsubscribe();
        reject(new Error(`did not come: ${what}`));
      }, patienceMs);
      const look = () => {
        if (!condition()) return;
        clearTimeout(impatience);
        subscription.unsubscribe();
        resolve();
      };
      const subscription = this.#changed$.subscribe(look);
      look();
    });
  }

  connect(options: FakePeerOptions = {}): FakePeer {
    const peer = new FakePeer(() => this.#changed$.next(), options);
    this.peers.push(peer);
    peer.connectedTo(this.server.connect(peer));
    return peer;
  }

  /** A stream that has asked to join. */
  join(name: string, options: JoinOptions = {}): FakePeer {
    const { lamport = 0, room = 'lobby', history = 0, resumable = false, resume, ...rest } = options;
    const peer = this.connect(rest);
    peer.tell({ kind: 'join', lamport, join: { room, name, history, resumable, resume } });
    return peer;
  }

  /** A stream that has joined, and has seen itself join. */
  async visit(name: string, options: JoinOptions = {}): Promise<FakePeer> {
    const peer = this.join(name, options);
    await this.until(`${name} is in`, () => peer.events.some((e) => e.kind === 'joined' && e.participant === name));
    return peer;
  }

  /** Resolves when the peer was sent an event in which `text` is. */
  heard(peer: FakePeer, text: string): Promise<void> {
    return this.until(text, () => told(peer.events).some((event) => event.includes(text)));
  }

  /** Resolves when all that was submitted before is settled: what comes of it has come. */
  settled(witness: FakePeer): Promise<void> {
    const ordinal = witness.events.length + 1_000;
    witness.publish(`settled ${ordinal}`, ordinal);
    return this.until('the witness hears himself', () =>
      told(witness.events).some((event) => event.endsWith(`${ordinal}`)),
    );
  }

  ask(request: SessionRequest): Promise<Answer> {
    return new Promise((answered) => {
      const replyTo = { tell: ({ answer }: CommandReply) => answered(answer) };
      this.server.tell({ kind: 'request', request, replyTo });
    });
  }

  publish(session: string, text: string, ordinal: number | bigint, lamport = 0): Promise<Answer> {
    return this.ask({ kind: 'publish', session, lamport, publish: { text, ordinal, seen: 0 } });
  }

  leave(session: string, lamport = 0): Promise<Answer> {
    return this.ask({ kind: 'leave', session, lamport });
  }

  history(room: string, after: number, limit = 0, bytesMax = Number.POSITIVE_INFINITY): Promise<HistoryAnswer> {
    return new Promise((tell) =>
      this.server.tell({ kind: 'read-history', room, after, limit, bytesMax, replyTo: { tell } }),
    );
  }

  /** The names, or why there are none. */
  async participants(room: string): Promise<readonly string[] | ParticipantsAnswer> {
    const answered = await new Promise<ParticipantsAnswer>((tell) =>
      this.server.tell({ kind: 'list-participants', room, replyTo: { tell } }),
    );
    return answered.kind === 'participants' ? answered.names.names : answered;
  }

  /** The rooms and how many are in each. */
  async rooms(after = '', limit = Number.POSITIVE_INFINITY): Promise<[room: string, participants: number][]> {
    const { rooms } = await new Promise<RoomsAnswer>((tell) =>
      this.server.tell({ kind: 'list-rooms', after, limit, replyTo: { tell } }),
    );
    return rooms.map(({ room, participants }) => [room, participants]);
  }

  /** All that the log has of a room. */
  events(room = 'lobby'): RoomEvent[] {
    const run = this.log.read(room, this.log.oldest(room) - 1, Number.MAX_SAFE_INTEGER);
    return run ? [...decodeChatResponse(run.bytes).events] : [];
  }

  lefts(name: string, room = 'lobby'): RoomEvent[] {
    return this.events(room).filter((event) => event.kind === 'left' && event.participant === name);
  }

  logged(event: string): JournalRecord[] {
    return this.records.filter((record) => record.event === event);
  }

  /** Ends all streams and the server. */
  async close(): Promise<void> {
    this.log.release();
    for (const peer of this.peers) if (peer.hangs) peer.gone();
    await this.server.stop();
  }

  #journal(): Journal {
    const record =
      (level: keyof Journal) =>
      (event: string, fields: Fields = {}) => {
        this.records.push({ ...fields, level, event });
        this.#changed$.next();
      };
    return { debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') };
  }

  #newSecret(): Uint8Array {
    this.#secrets += 1;
    return Buffer.alloc(16, this.#secrets);
  }
}

/** What a test compares of events: `kind participant text`. */
export function told(events: readonly RoomEvent[]): string[] {
  return events.map((event) =>
    event.kind === 'message' ? `${event.participant}: ${event.text}` : `${event.participant} ${event.kind}`,
  );
}

/** The events of an encoded run or page. */
export function eventsIn(bytes: Buffer): RoomEvent[] {
  return [...decodeChatResponse(bytes).events];
}

/** What a test compares of a refused command. */
export function refusal(answer: Answer): Pick<Rejection, 'reason' | 'ordinal' | 'retryAfterMs'> | undefined {
  if (answer.kind !== 'rejected') return undefined;
  const { reason, ordinal, retryAfterMs } = answer.rejection;
  return { reason, ordinal, retryAfterMs };
}

export function reasonOf(answer: Answer | HistoryAnswer): string | undefined {
  return answer.kind === 'rejected' ? answer.rejection.reason : undefined;
}
