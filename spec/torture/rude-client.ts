import { setTimeout as pause } from 'node:timers/promises';
import { defaultRoom } from '../../lib/core/name.js';
import type { ClientRecorder } from '../trace/recorder.js';
import { type BadInput, badInputs } from './bad-inputs.js';
import type { Findings } from './findings.js';
import { NotLetIn, RudeScene } from './rude-scene.js';
import type { TorturedServer } from './tortured-server.js';

/** Answers of a server that cannot do better at the moment, or of one that was hit in between. */
const excused = new Set([
  'UNAVAILABLE',
  'INTERNAL',
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'UNKNOWN',
  'READ_ONLY',
  'OVERLOADED',
  'SESSION_UNKNOWN',
  'NAME_TAKEN',
]);

/** The pause before an input is sent again that got no answer, in milliseconds. */
const tryAgainMs = 300;
/** How long it may take to send what was not sent yet when it is to end, in milliseconds. */
const finishMsMax = 40_000;

export interface RudeClientParts {
  readonly name: string;
  readonly room: string;
  readonly server: TorturedServer;
  readonly record: ClientRecorder;
  readonly findings: Findings;
  readonly random: () => number;
}

/** Somebody who sends one bad input after the other and looks whether each gets its own answer. */
export class RudeClient {
  sent = 0;
  answered = 0;
  /** Those that got their answer at least once. */
  readonly kinds = new Set<string>();
  readonly #parts: RudeClientParts;
  #last = '';

  constructor(parts: RudeClientParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  /** What was sent last, for people. */
  get lastWords(): string {
    return this.#last;
  }

  /** Goes through all of them, again and again, until `signal` is aborted, and once in any case if that can be done soon. */
  async beRude(pauseMs: number, signal: AbortSignal): Promise<void> {
    const { random } = this.#parts;
    let round: BadInput[] = [];
    const done = new Set<BadInput>();
    let until = Number.POSITIVE_INFINITY;
    signal.addEventListener('abort', () => {
      until = performance.now() + finishMsMax;
    });
    while (!signal.aborted || (done.size < badInputs.length && performance.now() < until)) {
      if (round.length === 0)
        round = badInputs
          .map((one) => ({ one, at: random() }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
      const [next] = round;
      if (next && (await this.#answered(next))) {
        done.add(next);
        round.shift();
      } else await pause(tryAgainMs);
      await pause(pauseMs);
    }
  }

  /** False where no answer can be expected, and it is to be sent again. */
  async #answered({ name, expected, send }: BadInput): Promise<boolean> {
    const { server, record, room, findings } = this.#parts;
    this.#last = name;
    const before = server.disturbances;
    // Under the name of a moment ago somebody may still be leaving.
    const scene = new RudeScene(server.address, record, `${this.name} ${this.sent}`, room);
    let answer: string | undefined;
    let why = '';
    let wasIn = true;
    this.sent += 1;
    try {
      answer = await send(scene);
    } catch (error) {
      wasIn = !(error instanceof NotLetIn);
      why = (error as Error).message;
    }
    await scene.end();
    if (answer === expected) {
      this.answered += 1;
      this.kinds.add(name);
      return true;
    }
    if (!wasIn) return false;
    // Where a room cannot be read, that is the answer to all who want to join it; some name none, which is the default one.
    if (answer === 'DATA_LOSS' && (server.store.isHit(room) || server.store.isHit(defaultRoom))) return false;
    const hit = server.disturbances !== before || before % 2 === 1;
    if (hit && (answer === undefined || excused.has(answer))) return false;
    if (answer === 'READ_ONLY' || answer === 'OVERLOADED') return false;
    findings.add(
      `Bad input (${name}) was answered with ${answer ?? `nothing (${why})`} instead of ${expected || 'the end of the connection'}.`,
    );
    return true;
  }
}
