import type { History } from '../../lib/trace/history/history.js';
import { HistoryRecorder } from './recorder.js';
import { SimulatedClient } from './simulated-client.js';
import { SimulatedRoom } from './simulated-room.js';
import type { SimulatedVisit } from './simulated-visit.js';

const texts = ['hi', 'Grüße', '🎉', 'a longer one, to tell it from the others', '', 'x'.repeat(129)];

/** Everything that can happen, each to a visit and with a number that says how. */
export const happenings = {
  join: (visit: SimulatedVisit, n: number) => visit.join(n % 4, n % 3 > 0),
  say: (visit: SimulatedVisit, n: number) => visit.say(texts[n % texts.length] ?? ''),
  again: (visit: SimulatedVisit, n: number) => visit.again(n),
  up: (visit: SimulatedVisit, n: number) => times(n % 4, () => visit.line?.takeUp()),
  down: (visit: SimulatedVisit, n: number) => times(n % 12, () => visit.takeDown()),
  leave: (visit: SimulatedVisit) => visit.leave(),
  cut: (visit: SimulatedVisit) => visit.cut(),
  back: (visit: SimulatedVisit) => visit.back(),
  keep: (visit: SimulatedVisit) => visit.keep(),
  kill: (visit: SimulatedVisit) => visit.client.kill(),
  start: (visit: SimulatedVisit) => visit.client.start(),
  'grace over': ({ room }: SimulatedVisit, n: number) => {
    const session = [...room.lingering][n % Math.max(1, room.lingering.size)];
    if (session !== undefined) room.leave(session, n % 2 === 0 ? 'CONNECTION_LOST' : 'SERVER_RESTARTED');
  },
} satisfies Record<string, (visit: SimulatedVisit, n: number) => void>;

export interface Happening {
  readonly what: keyof typeof happenings | 'restart' | 'read logs';
  readonly who: number;
  readonly n: number;
}

/** A server with two rooms and five clients, all in memory, that keep all promises; and the record of it. */
export class SimulatedTown {
  readonly lobby = new SimulatedRoom('lobby');
  readonly side = new SimulatedRoom('side');
  readonly rooms = [this.lobby, this.side];
  readonly recorder = new HistoryRecorder();
  readonly clients: readonly SimulatedClient[];
  /** Set when the server has broken a promise on purpose. */
  broken = false;
  readonly visits: readonly SimulatedVisit[];
  #time = 0;

  constructor() {
    const client = (name: string, rooms: readonly SimulatedRoom[]) =>
      new SimulatedClient(name, this.recorder.client(name), rooms, () => this.#time);
    this.clients = [
      client('Ada', this.rooms),
      client('Bob', [this.lobby]),
      client('Cyd', this.rooms),
      client('Dan', [this.lobby]),
      client('Eve', [this.lobby]),
    ];
    this.visits = this.clients.flatMap(({ visits }) => visits);
  }

  happen({ what, who, n }: Happening): void {
    this.#time += 1;
    if (what === 'restart') this.#restart();
    else if (what === 'read logs') this.#readLogs();
    else {
      const visit = this.visits[who % this.visits.length];
      if (visit) happenings[what](visit, n);
    }
  }

  /** Lets everything come to its end, and tells how it ended for each client. */
  history(): History {
    this.#time += 1;
    for (const [index, client] of this.clients.entries()) if (index % 3 > 0) client.start();
    for (let round = 0; round < 3; round += 1) this.#calmDown();
    for (const [index, visit] of this.visits.entries()) if (index % 3 === 0) visit.leave();
    this.#calmDown();
    const lost = this.#endLingering();
    this.#flow();
    for (const visit of this.visits)
      if (visit.known || visit.client === lost) visit.client.record.end(visit.room.room, endOf(visit, lost));
    this.#readLogs();
    return this.recorder.history();
  }

  #restart(): void {
    for (const visit of this.visits) visit.cut();
    for (const room of this.rooms) room.restart();
  }

  #readLogs(): void {
    for (const { room, logId, events } of this.rooms) this.recorder.log({ room, logId, events: [...events] });
  }

  #calmDown(): void {
    for (const visit of this.visits) visit.back();
    this.#flow();
    for (const visit of this.visits) if (visit.known && visit.place) visit.join(0, true);
    this.#flow();
  }

  /** What is under way arrives. */
  #flow(): void {
    let moved = true;
    while (moved) {
      moved = false;
      for (const visit of this.visits) {
        while (visit.line && visit.line.up.length > 0) visit.line.takeUp();
        while (visit.takeDown()) moved = true;
      }
    }
  }

  /** Ends the sessions of those who did not come back, but for those of one client, whose grace goes on. */
  #endLingering(): SimulatedClient | undefined {
    const lost = this.clients.find(({ alive }) => !alive);
    for (const room of this.rooms) {
      for (const session of room.lingering) {
        if (room.state.sessions.get(session)?.name !== lost?.name) room.leave(session, 'CONNECTION_LOST');
      }
    }
    return lost;
  }
}

function endOf(visit: SimulatedVisit, lost: SimulatedClient | undefined): 'present' | 'left' | 'gone' | 'lost' {
  if (visit.ended) return visit.ended;
  if (visit.client === lost) return 'lost';
  return visit.state === 'in' ? 'present' : 'gone';
}

function times(count: number, act: () => void): void {
  for (let done = 0; done < count; done += 1) act();
}
