import type { Command } from '../../lib/core/command.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { defaultLimits } from '../../lib/core/limits.js';
import { step } from '../../lib/core/room.js';
import { emptyRoom } from '../../lib/core/room-state.js';

/** A room's events by the rules of the core: what a sound server would send. */
export class ScriptedRoom {
  readonly state = emptyRoom('lobby');
  readonly events: RoomEvent[] = [];

  join(name: string, sender = 0): RoomEvent {
    return this.#event({ kind: 'join', name, resumable: false, ...this.#sent(name, sender) });
  }

  say(name: string, text: string, ordinal: number, sender = 0): RoomEvent {
    return this.#event({ kind: 'publish', text, ordinal, seen: 0, ...this.#sent(name, sender) });
  }

  leave(name: string, sender = 0): RoomEvent {
    return this.#event({ kind: 'leave', reason: 'ASKED', ...this.#sent(name, sender) });
  }

  /** What a server with a newer contract may tell: an event that has no meaning here, and a chain nobody here can work out. */
  doSomethingNew(name: string): RoomEvent {
    const { sequence, lamport, chain } = this.state.position;
    this.state.position = { sequence: sequence + 1, lamport: lamport + 1, chain: [...chain].reverse().join('') };
    const event: RoomEvent = { kind: 'unknown', ...this.state.position, timeMs: 1_700_000_000_000, participant: name };
    this.events.push(event);
    return event;
  }

  #sent(name: string, senderLamport: number): Pick<Command, 'session' | 'senderLamport' | 'newestLamport' | 'timeMs'> {
    return { session: name, senderLamport, newestLamport: senderLamport, timeMs: 1_700_000_000_000 };
  }

  #event(draft: Command): RoomEvent {
    const decision = step(this.state, draft, defaultLimits);
    if (decision.kind !== 'accepted') throw new Error(`the script was refused: ${JSON.stringify(decision)}`);
    this.events.push(decision.entry.event);
    return decision.entry.event;
  }
}
