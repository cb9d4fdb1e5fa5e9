import { setTimeout as pause } from 'node:timers/promises';
import type { Endings } from '../system/endings.js';
import { eventually } from '../system/eventually.js';
import type { Figures } from './case.js';
import type { Participant } from './load/participant.js';
import { Samples } from './load/samples.js';
import { cpuMicros } from './subjects/process-cost.js';
import type { Subject } from './subjects/subject.js';

/** How long anything that must happen may take, in milliseconds. */
const patienceMs = 120_000;

/** Participants whose connections are made at once, so that no listen queue runs over. */
const joinsAtOnce = 100;

/** Everybody in the room, each at the same place before anything is said. */
export class Crowd<P extends Participant = Participant> {
  readonly subject: Subject<P>;
  readonly members: P[] = [];
  /** The place at which all were before anything was said. */
  #beginning = 0;

  constructor(subject: Subject<P>) {
    this.subject = subject;
  }

  /** Resolves when `count` more have joined and everybody was told of everybody, also of `others` before them. */
  async join(endings: Endings, count: number, others = 0): Promise<void> {
    for (let joined = 0; joined < count; joined += joinsAtOnce) {
      for (let index = joined; index < Math.min(count, joined + joinsAtOnce); index += 1) {
        this.members.push(this.subject.join(endings));
      }
      await this.until('everybody has joined', () => this.members.every((member) => member.joined));
    }
    // Of those who have joined, the newest is told of last.
    const newest = this.subject.announcesJoins ? this.members.length + others : 0;
    await this.untilAllAt(newest);
    this.#beginning = newest;
  }

  /** Rejects if anybody met a fault, or it takes too long. */
  until(what: string, condition: () => boolean): Promise<boolean> {
    return eventually(
      () => `${what}; places ${Math.min(...this.#places())} to ${Math.max(...this.#places())}`,
      () => {
        this.#throwFaults();
        return condition();
      },
      patienceMs,
    );
  }

  untilAllAt(place: number): Promise<boolean> {
    return this.until(`everybody is at ${place}`, () => this.members.every((member) => member.place === place));
  }

  /** The place that everybody is at when all that was said has come to all. */
  get goal(): number {
    return this.#beginning + this.members.reduce((sum, { speaker }) => sum + speaker.said, 0);
  }

  /** Deliveries so far: what each has received, of what was said. */
  get deliveries(): number {
    return this.members.reduce((sum, { place }) => sum + place - this.#beginning, 0);
  }

  /**
   * What the first `speakers` members, each with `underWay` messages under way, make the server do in `seconds`, after a
   * warm-up. In the end nothing is under way, and everybody has everything.
   */
  async measure(load: {
    readonly speakers: number;
    readonly underWay: number;
    readonly warmUpSeconds: number;
    readonly seconds: number;
  }): Promise<Figures> {
    const speakers = this.members.slice(0, load.speakers).map(({ speaker }) => speaker);
    const samples = new Samples();
    for (const speaker of speakers) {
      speaker.samples = samples;
      speaker.speak(load.underWay);
    }
    await pause(load.warmUpSeconds * 1000);
    samples.clear();
    const figures = await this.during(() => pause(load.seconds * 1000));
    const times = samples.summary();
    for (const speaker of speakers) speaker.speak(0);
    await this.settle();
    return { ...figures, ...times };
  }

  /** What the server did while `work` was under way. */
  async during(work: () => Promise<unknown>): Promise<Figures> {
    const before = { deliveries: this.deliveries, cpu: cpuMicros(this.subject.pid), at: performance.now() };
    const own = process.cpuUsage();
    await work();
    const seconds = (performance.now() - before.at) / 1000;
    const { user, system } = process.cpuUsage(own);
    const deliveries = this.deliveries - before.deliveries;
    return {
      deliveriesPerSecond: deliveries / seconds,
      cpuMicrosPerDelivery: (cpuMicros(this.subject.pid) - before.cpu) / deliveries,
      loadBusy: (user + system) / 1e6 / seconds,
    };
  }

  /** Resolves when everybody has everything that was said, exactly: those who speak have their own back too. */
  async settle(): Promise<void> {
    await this.until('all that was said has come back', () =>
      this.members.every(({ speaker }) => speaker.answered === speaker.said),
    );
    await this.untilAllAt(this.goal);
  }

  #places(): number[] {
    return this.members.map(({ place }) => place);
  }

  #throwFaults(): void {
    const fault = this.members.map((member) => member.fault).find(Boolean);
    if (fault) throw new Error(`${this.subject.name}: ${fault}`);
  }
}
