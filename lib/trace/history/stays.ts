import type { LeftEvent, MessageEvent, RoomEvent } from '../../core/event.js';

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

export interface Stays {
  readonly all: readonly Stay[];
  /** By the sequence of their Joined. */
  readonly byJoined: ReadonlyMap<number, Stay>;
  /** By the sequences of their messages. */
  readonly byMessage: ReadonlyMap<number, Stay>;
  readonly faults: readonly LogFault[];
}

/**
 * Walks a log and tells the sessions apart: the wire names none, but a name is one session's between Joined and
 * Left [P8]. Notices on the way what breaks P5, P6 and P8 by itself.
 *
 * `holes`: where sequences are missing, what happened there is unknown, and no fault.
 */
export function staysOf(events: readonly RoomEvent[], holes = false): Stays {
  const all: Stay[] = [];
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
