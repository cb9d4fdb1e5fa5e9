import { chainStart, nextChain } from '../../core/chain.js';
import type { LeftEvent, MessageEvent, RoomEvent } from '../../core/event.js';
import type { LogReading } from './history.js';

/** An event as a room's event log has it, whoever bears witness to it. */
export interface LoggedEvent {
  readonly kind: 'logged';
  readonly logId: string;
  readonly sequence: number;
}

/** The final event log of a room: what everybody's events are held against. */
export type RoomLog = ReturnType<typeof roomLog>;

function roomLog(reading: LogReading) {
  const { logId, events, newest, from, witnessed = false } = reading;
  const end = events.at(-1)?.sequence ?? 0;
  const regular = events.every(({ sequence }, index) => sequence === index + 1);
  const bySequence = regular ? undefined : new Map(events.map((event) => [event.sequence, event]));
  const at = (sequence: number): RoomEvent | undefined =>
    bySequence ? bySequence.get(sequence) : events[sequence - 1];
  return {
    ...reading,
    witnessed,
    stays: staysOf(events, witnessed),
    /** The sequence of the last event that was read; 0 if there is none. */
    end,
    /** The event at `sequence`. */
    at,
    /** An event of it as what a violation is seen by. */
    exhibit: ({ sequence }: { readonly sequence: number }): LoggedEvent => ({ kind: 'logged', logId, sequence }),
    /**
     * The chain that one of its events has to have by the history up to it, as the chain of the event before is
     * written: one fault is not found again in all that follows. Undefined where the log does not show what comes
     * before, and for an event whose kind its witnesses did not know: its chain is taken as it stands.
     */
    chainDue: (event: RoomEvent): string | undefined => {
      const before = at(event.sequence - 1) ?? (from?.sequence === event.sequence - 1 ? from : undefined);
      const previous = event.sequence === 1 ? chainStart : before?.chain;
      return previous === undefined || event.kind === 'unknown' ? undefined : nextChain(previous, event);
    },
    /** Whether the reading shows what is at `sequence`: a late beginning, an early end or a hole does not. */
    shows: (sequence: number): boolean => {
      if (witnessed) return at(sequence) !== undefined;
      return sequence >= (events[0]?.sequence ?? 1) && (sequence <= end || sequence > newest);
    },
  };
}

/** Rooms' final event logs by room and log id. */
export class RoomLogs {
  readonly #rooms = new Map<string, Map<string, RoomLog>>();

  /** Of several readings of a log the last one is final. */
  constructor(readings: readonly LogReading[]) {
    const final = new Map(readings.map((reading) => [JSON.stringify([reading.room, reading.logId]), reading]));
    for (const reading of final.values()) {
      const ids = this.#rooms.get(reading.room) ?? new Map<string, RoomLog>();
      this.#rooms.set(reading.room, ids.set(reading.logId, roomLog(reading)));
    }
  }

  /** Of a client that does not say which log it is in, the only one that its room has. */
  get(room: string, logId: string): RoomLog | undefined {
    const ids = this.#rooms.get(room);
    return logId === '' && ids?.size === 1 ? ids.values().next().value : ids?.get(logId);
  }

  /** Each room's event logs, in the order in which they were first read. */
  perRoom(): RoomLog[][] {
    return [...this.#rooms.values()].map((ids) => [...ids.values()]);
  }

  all(): RoomLog[] {
    return this.perRoom().flat();
  }
}

/** One session as the log shows it: from its Joined to its Left. */
export interface Stay {
  readonly name: string;
  /** Not set where the log has no Joined for it [P8], or does not show it. */
  readonly joined?: RoomEvent | undefined;
  left?: LeftEvent | undefined;
  /** The session's messages by ordinal; of two with one ordinal the first. */
  readonly messages: Map<number, MessageEvent>;
  newestOrdinal: number;
  /** Set where the log goes on after a hole, in which the session may have ended. */
  endUnseen?: boolean | undefined;
}

/** What is wrong with a log by itself. */
export interface LogFault {
  readonly kind:
    | 'joined-twice'
    | 'left-twice'
    | 'left-without-joined'
    | 'spoke-outside'
    | 'ordinal-twice'
    | 'own-reordered';
  readonly event: RoomEvent;
  /** The event that it contradicts. */
  readonly earlier?: RoomEvent | undefined;
}

/**
 * Walks a log and tells the sessions apart: the wire names none, but a name is one session's between Joined and
 * Left [P8]. Notices on the way what breaks P5, P6 and P8 by itself.
 *
 * `holes`: where sequences are missing, what happened there is unknown, and no fault.
 */
export function staysOf(events: readonly RoomEvent[], holes = false) {
  const all: Stay[] = [];
  /** By the sequences of their Joined, and of their messages. */
  const byJoined = new Map<number, Stay>();
  const byMessage = new Map<number, Stay>();
  const faults: LogFault[] = [];
  /** Each name's latest stay, ended or not. */
  const latestOf = new Map<string, Stay>();
  /** Whether somebody may have joined where nobody saw it. */
  let unseen = false;

  const begin = (name: string, joined?: RoomEvent): Stay => {
    const stay: Stay = { name, joined, messages: new Map(), newestOrdinal: 0 };
    latestOf.set(name, stay);
    all.push(stay);
    return stay;
  };
  const addMessage = (event: MessageEvent, latest: Stay | undefined) => {
    const stay = latest ?? begin(event.participant);
    byMessage.set(event.sequence, stay);
    const same = stay.messages.get(event.ordinal);
    if ((!latest && !unseen) || latest?.left) {
      // Of which session it is nobody can say, so its ordinal says nothing either.
      faults.push({ kind: 'spoke-outside', event, earlier: latest?.left });
      if (!same) stay.messages.set(event.ordinal, event);
    } else if (same) faults.push({ kind: 'ordinal-twice', event, earlier: same });
    else {
      const newest = stay.messages.get(stay.newestOrdinal);
      if (event.ordinal < stay.newestOrdinal) faults.push({ kind: 'own-reordered', event, earlier: newest });
      stay.newestOrdinal = Math.max(stay.newestOrdinal, event.ordinal);
      stay.messages.set(event.ordinal, event);
    }
  };

  let last = 0;
  for (const event of events) {
    const { kind, sequence, participant } = event;
    if (holes && sequence !== last + 1) {
      for (const stay of latestOf.values()) stay.endUnseen = !stay.left;
      latestOf.clear();
      unseen = true;
    }
    last = sequence;
    const latest = latestOf.get(participant);
    if (kind === 'joined' && latest && !latest.left) {
      // Taken for the same session, so that one fault is not reported as many.
      faults.push({ kind: 'joined-twice', event, earlier: latest.joined });
      byJoined.set(sequence, latest);
    } else if (kind === 'joined') byJoined.set(sequence, begin(participant, event));
    else if (kind === 'message') addMessage(event, latest);
    else if (kind === 'left' && !latest && unseen) begin(participant).left = event;
    else if (kind === 'left' && !latest) faults.push({ kind: 'left-without-joined', event });
    else if (kind === 'left' && latest?.left) faults.push({ kind: 'left-twice', event, earlier: latest.left });
    else if (kind === 'left' && latest) latest.left = event;
  }
  return { all, byJoined, byMessage, faults };
}
