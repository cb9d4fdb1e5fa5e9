import { LamportClock } from '../../lib/core/clock.js';
import type { ClientRecorder } from './recorder.js';
import type { SimulatedRoom } from './simulated-room.js';
import { SimulatedVisit } from './simulated-visit.js';

/** A client process with one clock, in one or more rooms; it can be killed and started again from what it kept. */
export class SimulatedClient {
  readonly name: string;
  readonly record: ClientRecorder;
  readonly visits: readonly SimulatedVisit[];
  clock = new LamportClock();
  alive = true;
  /** The time that is kept with each send, so that no two sends of the client have the same. */
  keptClock = 0;

  constructor(name: string, record: ClientRecorder, rooms: readonly SimulatedRoom[], now: () => number) {
    this.name = name;
    this.record = record;
    this.visits = rooms.map((room) => new SimulatedVisit(this, room, now));
  }

  tick(): number {
    this.keptClock = this.clock.tick();
    return this.keptClock;
  }

  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    for (const visit of this.visits) visit.die();
  }

  start(): void {
    if (this.alive) return;
    this.alive = true;
    this.clock = new LamportClock(this.keptClock);
    this.record.start(this.keptClock);
  }
}
