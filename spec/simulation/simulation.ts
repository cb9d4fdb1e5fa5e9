import { decodeChatResponse } from '../../lib/codec/responses.js';
import { defaultLimits, type Limits } from '../../lib/core/limits.js';
import { silent } from '../../lib/platform/journal.js';
import { ServerActor } from '../../lib/server/actors/server-actor.js';
import { MemoryLog } from '../../lib/server/log/memory-log.js';
import type { History } from '../../lib/trace/history/history.js';
import { HistoryRecorder } from '../trace/recorder.js';
import { Random } from './random.js';
import { SimulatedClient } from './simulated-client.js';
import { SimulatedLog } from './simulated-log.js';
import { settled, VirtualTime } from './virtual-time.js';

const room = 'lobby';

/** How often each thing happens. */
const weights = {
  say: 60,
  take: 80,
  turn: 60,
  time: 20,
  append: 80,
  connect: 30,
  repeat: 6,
  leave: 1.5,
  'half-close': 0.5,
  cancel: 2,
  cut: 4,
  'give-up': 2,
  'ghost-goes': 3,
  'ask-again': 4,
  crash: 0.7,
  stop: 0.4,
  wipe: 0.1,
};

export type Happening = keyof typeof weights;

export interface Simulated {
  readonly history: History;
  readonly happened: Readonly<Record<Happening, number>>;
  readonly events: number;
}

/**
 * One run of the real actors on virtual time: participants, a log that fails at times, crashes, restarts and wiped stores, in an
 * order that `seed` decides. It ends in peace: faults stop, everybody comes back or is given up, and the log is read.
 */
export async function simulate(seed: number, steps: number): Promise<Simulated> {
  return new Simulation(seed).run(steps);
}

class Simulation {
  readonly #random: Random;
  readonly #limits: Limits;
  readonly #recorder = new HistoryRecorder();
  readonly #clients: SimulatedClient[];
  readonly #happened = Object.fromEntries(Object.keys(weights).map((key) => [key, 0])) as Record<Happening, number>;
  #disk: MemoryLog;
  #time = new VirtualTime(1_700_000_000_000);
  #log: SimulatedLog;
  #server: ServerActor;
  #secrets = 0;
  #step = 0;

  constructor(seed: number) {
    const random = new Random(seed);
    this.#random = random;
    // Small, so that every limit is met.
    this.#limits = {
      ...defaultLimits,
      graceMs: random.pick([0, 50, 1_000]),
      groupDraftsMax: random.pick([1, 3, 100]),
      inletDraftsMax: random.pick([6, 1_000]),
      groupsHeldMax: random.pick([0, 3]),
      participantsPerHeldGroup: random.pick([1, 50]),
      tailBytesMax: random.pick([0, 200, 100_000]),
      catchUpEventsMax: random.pick([1, 3, 100]),
      snapshotEveryEvents: random.pick([2, 7, 1_000]),
      ordinalsRememberedMax: random.pick([20, 1_000]),
      participantsPerRoomMax: random.pick([3, 100]),
      publishesPerSecondMax: random.pick([0, 100]),
      publishBurstMax: random.pick([3, 100]),
      stallMsMax: random.pick([300, 30_000]),
      readOnlyMs: 20,
      refusalsWaitingMax: 2,
    };
    this.#disk = new MemoryLog(this.#limits);
    this.#log = new SimulatedLog(this.#disk);
    this.#server = this.#newServer();
    this.#clients = ['Ada', 'Bob', 'Cyd', 'Dan'].map(
      (name) =>
        new SimulatedClient(this.#server, {
          name,
          resumable: random.chance(0.75),
          record: this.#recorder.client(name),
          at: () => this.#step,
          waitingMax: random.pick([1, 4, 1_000]),
        }),
    );
  }

  async run(steps: number): Promise<Simulated> {
    for (this.#step = 1; this.#step <= steps; this.#step += 1) {
      const happening = this.#random.weighted(weights);
      this.#happened[happening] += 1;
      await this.#happen(happening);
      await settled();
    }
    await this.#makePeace();
    const events = this.#readLog(false);
    return { history: this.#recorder.history(), happened: this.#happened, events };
  }

  async #happen(happening: Happening): Promise<void> {
    const client = this.#random.pick(this.#clients);
    switch (happening) {
      case 'say':
        return client.say();
      case 'take':
        return client.take(this.#random.pick([1, 2, 1_000]));
      case 'turn':
        return this.#time.endTurn();
      case 'time':
        return this.#time.advance(this.#random.pick([1, 10, 30, 400]));
      case 'append':
        return this.#log.settle(
          this.#random.weighted({ written: 40, unwritable: 2, 'fault-before': 0.5, 'fault-after': 0.5 }),
        );
      case 'connect':
        return client.connect(this.#random.pick([0, 0, 5, 100]));
      case 'repeat':
        return client.repeat();
      case 'leave':
        return client.leave(false);
      case 'half-close':
        return client.leave(true);
      case 'cancel':
        return client.cancel();
      case 'cut':
        return client.cut();
      case 'give-up':
        return client.giveUp();
      case 'ghost-goes':
        return client.ghostGoes();
      case 'ask-again':
        return client.askAgain();
      case 'crash':
        return this.#crash();
      case 'stop':
        return this.#stop();
      case 'wipe':
        return this.#wipe();
    }
  }

  #newServer(): ServerActor {
    return new ServerActor({
      log: this.#log,
      limits: this.#limits,
      journal: silent,
      time: this.#time,
      newSecret: () => this.#newSecret(),
    });
  }

  #newSecret(): Uint8Array {
    this.#secrets += 1;
    const secret = Buffer.alloc(16);
    secret.writeUInt32BE(this.#secrets, 12);
    return secret;
  }

  async #crash(): Promise<void> {
    await this.#log.crash(() => this.#random.chance(0.5));
    await this.#startAgain();
  }

  /** As SIGTERM does: what was taken in is made durable and told, then everybody is bid farewell. */
  async #stop(): Promise<void> {
    const stopped = this.#server.stop();
    let done = false;
    void stopped.then(() => {
      done = true;
    });
    for (let round = 0; round < 1_000 && !done; round += 1) {
      await this.#calm();
      this.#time.advance(500);
    }
    if (!done) throw new Error('the server does not stop');
    await this.#writeSnapshots();
    await this.#startAgain();
  }

  /** Time may be up before a room has its turn. */
  async #writeSnapshots(): Promise<void> {
    const timeIsUp = new AbortController();
    if (this.#random.chance(0.2)) timeIsUp.abort();
    let done = false;
    void this.#server.writeSnapshots(timeIsUp.signal).then(() => {
      done = true;
    });
    for (let round = 0; round < 100 && !done; round += 1) await this.#calm();
    if (!done) throw new Error('the server does not write its snapshots');
  }

  async #wipe(): Promise<void> {
    await this.#log.crash(() => false);
    this.#readLog(true);
    this.#disk = new MemoryLog(this.#limits);
    await this.#startAgain();
  }

  async #startAgain(): Promise<void> {
    this.#time = new VirtualTime(this.#time.now());
    this.#log = new SimulatedLog(this.#disk);
    this.#server = this.#newServer();
    for (const client of this.#clients) client.serverIs(this.#server);
    void this.#server.repair();
    await settled();
  }

  /** Everything that is under way gets where it goes, once. */
  async #calm(): Promise<void> {
    this.#time.endTurn();
    this.#time.advance(20);
    await settled();
    while (this.#log.pending > 0) {
      await this.#log.settle('written');
      await settled();
    }
    for (const client of this.#clients) client.take(1_000);
    await settled();
  }

  async #makePeace(): Promise<void> {
    for (let round = 0; round < 40; round += 1) {
      for (const client of this.#clients) {
        client.ghostGoes();
        client.connect(0);
      }
      await this.#calm();
      this.#time.advance(this.#limits.graceMs / 5 + 10);
    }
    for (let round = 0; round < 5; round += 1) await this.#calm();
    for (const client of this.#clients) client.finish();
  }

  #readLog(replaced: boolean): number {
    const head = this.#disk.head(room);
    if (!head) return 0;
    const run = this.#disk.read(room, 0, Number.MAX_SAFE_INTEGER);
    const events = run ? decodeChatResponse(run.bytes).events : [];
    this.#recorder.log({ room, logId: head.logId, events, newest: head.place.sequence, replaced });
    return events.length;
  }
}
