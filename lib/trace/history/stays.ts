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
  const walk = new Walk(holes);
  for (const event of events) walk.add(event);
  return walk;
}

class Walk implements Stays {
  readonly all: Stay[] = [];
  readonly byJoined = new Map<number, Stay>();
  readonly byMessage = new Map<number, Stay>();
  readonly faults: LogFault[] = [];
  /** Each name's latest stay, ended or not. */
  readonly #latest = new Map<string, Stay>();
  readonly #holes: boolean;
  #sequence = 0;
  /** Whether somebody may have joined where nobody saw it. */
  #unseen = false;

  constructor(holes: boolean) {
    this.#holes = holes;
  }

  add(event: RoomEvent): void {
    if (this.#holes && event.sequence !== this.#sequence + 1) this.#passHole();
    this.#sequence = event.sequence;
    const latest = this.#latest.get(event.participant);
    if (event.kind === 'joined') this.#joined(event, latest);
    else if (event.kind === 'left') this.#left(event, latest);
    else if (event.kind === 'message') this.#message(event, latest);
  }

  #joined(event: RoomEvent, latest: Stay | undefined): void {
    if (latest && !latest.left) {
      // Taken for the same session, so that one fault is not reported as many.
      this.#fault('joined-twice', event, latest.joined);
      this.byJoined.set(event.sequence, latest);
    } else {
      this.byJoined.set(event.sequence, this.#begin(event.participant, event));
    }
  }

  #left(event: LeftEvent, latest: Stay | undefined): void {
    if (!latest && this.#unseen) this.#begin(event.participant).left = event;
    else if (!latest) this.#fault('left-without-joined', event);
    else if (latest.left) this.#fault('left-twice', event, latest.left);
    else latest.left = event;
  }

  #message(event: MessageEvent, latest: Stay | undefined): void {
    const stay = latest ?? this.#begin(event.participant);
    this.byMessage.set(event.sequence, stay);
    const same = stay.messages.get(event.ordinal);
    if ((!latest && !this.#unseen) || latest?.left) {
      // Of which session it is nobody can say, so its ordinal says nothing either.
      this.#fault('spoke-outside', event, latest?.left);
      if (!same) stay.messages.set(event.ordinal, event);
      return;
    }
    if (same) {
      this.#fault('ordinal-twice', event, same);
      return;
    }
    if (event.ordinal < stay.newestOrdinal) this.#fault('own-reordered', event, stay.messages.get(stay.newestOrdinal));
    stay.newestOrdinal = Math.max(stay.newestOrdinal, event.ordinal);
    stay.messages.set(event.ordinal, event);
  }

  #passHole(): void {
    for (const stay of this.#latest.values()) stay.endUnseen = !stay.left;
    this.#latest.clear();
    this.#unseen = true;
  }

  #begin(name: string, joined?: RoomEvent): Stay {
    const stay: Stay = { name, joined, messages: new Map(), newestOrdinal: 0 };
    this.#latest.set(name, stay);
    this.all.push(stay);
    return stay;
  }

  #fault(kind: LogFault['kind'], event: RoomEvent, earlier?: RoomEvent): void {
    this.faults.push({ kind, event, earlier });
  }
}
