import { setTimeout as pause } from 'node:timers/promises';
import { CallFailed } from '../system/raw-caller.js';
import type { ClientRecorder } from '../trace/recorder.js';
import type { Findings } from './findings.js';
import { FreshCaller } from './fresh-caller.js';
import type { Member } from './member.js';
import { RecordedVisit } from './recorded-visit.js';

/** How often each publish is sent at once. */
const copies = 3;

/** Refusals that mean "later". */
const passing = new Set(['RATE_LIMITED', 'OVERLOADED', 'READ_ONLY']);

export interface RetrierParts {
  readonly name: string;
  readonly room: string;
  /** `host:port` of the networks over which it calls. */
  readonly servers: readonly string[];
  readonly record: ClientRecorder;
  readonly findings: Findings;
}

/**
 * A caller that sends each publish several times at once, by unary calls over several connections, and again until it has an
 * answer, over restarts of the server too [P5].
 */
export class Retrier implements Member {
  readonly name: string;
  readonly rooms: readonly string[];
  readonly #parts: RetrierParts;
  readonly #visit: RecordedVisit;
  readonly #forStream: FreshCaller;
  /** One for each copy. */
  readonly #forCalls: readonly FreshCaller[];
  #stopped = false;
  #said = 0;

  constructor(parts: RetrierParts) {
    const { name, room, servers, record } = parts;
    this.#parts = parts;
    this.name = name;
    this.rooms = [room];
    this.#visit = new RecordedVisit(record, { name, room, resumable: true });
    const callers = Array.from({ length: 1 + copies }, (_, index) => servers[index % servers.length] ?? '');
    const [forStream, ...forCalls] = callers.map((server) => new FreshCaller(server));
    this.#forStream = forStream as FreshCaller;
    this.#forCalls = forCalls;
  }

  get live(): boolean {
    return this.#visit.live;
  }

  get lastWords(): string {
    return `session ${this.#visit.session ? 'kept' : 'none'}`;
  }

  sequence(): number {
    return this.#visit.sequence;
  }

  /** Stays in its room until it leaves, and comes back whenever its stream is lost. */
  async stay(everyMs: number): Promise<void> {
    while (!this.#stopped) {
      if (!this.#visit.live && !(await this.#visit.enter(this.#forStream.caller))) this.#forStream.renew();
      await pause(everyMs);
    }
  }

  /** Says one thing after the other until `signal` is aborted. */
  async talk(pauseMs: () => number, signal: AbortSignal): Promise<void> {
    let session = '';
    let ordinal = 0;
    while (!signal.aborted) {
      await pause(pauseMs());
      if (this.#visit.session === '') continue;
      if (this.#visit.session !== session) {
        session = this.#visit.session;
        ordinal = 0;
      }
      ordinal += 1;
      this.#said += 1;
      await this.#publish(session, ordinal, `${this.name} says again and again: ${this.#said}`);
    }
  }

  async leave(): Promise<void> {
    this.#stopped = true;
    await this.#visit.leave();
    for (const caller of [this.#forStream, ...this.#forCalls]) caller.close();
  }

  /** Until it has an answer, or its session is over. */
  async #publish(session: string, ordinal: number, text: string): Promise<void> {
    const publish = { session, ordinal, text, lamport: this.#visit.tick() };
    for (;;) {
      const calls = Array.from({ length: copies }, (_, index) => this.#call(index, publish));
      const answers = await Promise.all(calls);
      if (answers.includes('accepted') || answers.includes('over')) return;
      await pause(200);
    }
  }

  async #call(
    copy: number,
    { session, ordinal, text, lamport }: { session: string; ordinal: number; text: string; lamport: number },
  ): Promise<'accepted' | 'later' | 'over'> {
    const { record, findings } = this.#parts;
    const name = { room: this.rooms[0] ?? '', session, ordinal };
    record.send({ ...name, text, lamport, seen: 0, at: Date.now() });
    const fresh = this.#forCalls[copy] as FreshCaller;
    try {
      const answer = await fresh.caller.publish(session, text, ordinal, lamport);
      record.accepted({ ...name, ...answer, at: Date.now() });
      return 'accepted';
    } catch (error) {
      const reason = error instanceof CallFailed ? error.rejection?.reason : undefined;
      if (reason === undefined) {
        record.unknown(name);
        fresh.renew();
        return 'later';
      }
      record.refused({ ...name, reason });
      if (passing.has(reason)) return 'later';
      // All else would be a refusal of what it has every right to.
      if (reason !== 'SESSION_UNKNOWN') findings.add(`${this.name}'s publish ${ordinal} was refused with ${reason}.`);
      return 'over';
    }
  }
}
