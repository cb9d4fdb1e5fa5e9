import type { RoomEvent } from '../../core/event.js';
import type { AcceptedStep, ClientRecord, EndStep, JoinStep, LeaveStep, Step, WelcomeStep } from './history.js';
import type { RoomLog, RoomLogs } from './room-log.js';
import type { Stay } from './stays.js';

/** One session as its client knows it. */
export interface SessionRecord {
  readonly client: string;
  readonly name: string;
  readonly welcome: WelcomeStep;
  /** The request that began it. */
  readonly join: JoinStep;
  readonly log: RoomLog | undefined;
  /** Its own Joined, as the log has it at the place where it was let in. */
  readonly joined: RoomEvent | undefined;
  /** The same session in the log [P8]. */
  readonly stay: Stay | undefined;
  readonly resumptions: Resumption[];
  readonly leaves: LeaveStep[];
  /** Set on the client's last session in the room. */
  end?: EndStep | undefined;
}

/** A session was gone on with. */
export interface Resumption {
  readonly welcome: WelcomeStep;
  /** The greatest ordinal that its client knew to be accepted when it asked to go on. */
  readonly knownOrdinal: number;
}

/** The sessions of all clients by their ids. */
export function sessionsOf(clients: readonly ClientRecord[], logs: RoomLogs): Map<string, SessionRecord> {
  const sessions = new Map<string, SessionRecord>();
  for (const record of clients) new ClientSessions(record.client, logs, sessions).takeAll(record.steps);
  return sessions;
}

class ClientSessions {
  readonly #client: string;
  readonly #logs: RoomLogs;
  readonly #sessions: Map<string, SessionRecord>;
  readonly #joins = new Map<string, JoinStep>();
  readonly #present = new Map<string, SessionRecord>();
  readonly #knownOrdinals = new Map<string, number>();
  /** By room, what was known when the latest join or resume was asked for: what is learned since, the answer need not know. */
  readonly #knownWhenAsked = new Map<string, ReadonlyMap<string, number>>();

  constructor(client: string, logs: RoomLogs, sessions: Map<string, SessionRecord>) {
    this.#client = client;
    this.#logs = logs;
    this.#sessions = sessions;
  }

  takeAll(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.kind === 'join') this.#join(step);
      else if (step.kind === 'welcome') this.#welcome(step);
      else if (step.kind === 'leave') this.#sessions.get(step.session)?.leaves.push(step);
      else if (step.kind === 'accepted') this.#accepted(step);
      else if (step.kind === 'end') this.#end(step);
    }
  }

  #join(join: JoinStep): void {
    this.#joins.set(join.room, join);
    this.#knownWhenAsked.set(join.room, new Map(this.#knownOrdinals));
  }

  #welcome(welcome: WelcomeStep): void {
    const known = this.#sessions.get(welcome.session);
    const join = this.#joins.get(welcome.room);
    const knownOrdinal = this.#knownWhenAsked.get(welcome.room)?.get(welcome.session) ?? 0;
    if (known) known.resumptions.push({ welcome, knownOrdinal });
    else if (join) this.#begin(welcome, join);
  }

  #begin(welcome: WelcomeStep, join: JoinStep): void {
    const { name } = join;
    const log = this.#logs.get(welcome.room, welcome.logId);
    const first = log?.at(welcome.newest + 1);
    const joined = first?.kind === 'joined' && first.participant === name ? first : undefined;
    const stay = joined && log?.stays.byJoined.get(joined.sequence);
    const session = { client: this.#client, name, welcome, join, log, joined, stay, resumptions: [], leaves: [] };
    this.#sessions.set(welcome.session, session);
    this.#present.set(welcome.room, session);
  }

  #accepted({ session, ordinal }: AcceptedStep): void {
    this.#knownOrdinals.set(session, Math.max(this.#knownOrdinals.get(session) ?? 0, Number(ordinal)));
  }

  #end(end: EndStep): void {
    const session = this.#present.get(end.room);
    if (session) session.end = end;
  }
}
