import type { ClientRecorder } from '../recorder.js';
import { ClientLog, type ClientLogOptions } from './client-log.js';
import type { BunyanRecord } from './log-line.js';
import type { Source } from './run.js';
import { StepSources, type Written } from './step-sources.js';

/** One client as its log tells of it, with the line of each step. */
export class ClientBook {
  /** What it is called in the history. */
  readonly client: string;
  /** What it calls itself. */
  readonly participant: string;
  /** Of its log, those that tell of it. */
  readonly files: string[] = [];
  readonly sources = new StepSources();
  readonly recorder: ClientRecorder;
  readonly #log: ClientLog;
  /** Where each room's latest welcome was told: what it means shows only afterwards. */
  readonly #welcomes = new Map<unknown, Written>();
  #last: Written = { file: 0, line: 0, timeMs: Number.NaN };
  #beginsLate: boolean | undefined;

  constructor(names: Pick<ClientBook, 'client' | 'participant'>, recorder: ClientRecorder, options: ClientLogOptions) {
    this.client = names.client;
    this.participant = names.participant;
    this.recorder = recorder;
    this.#log = new ClientLog(recorder, options);
  }

  /** Whether its first record is not that of a client that begins. */
  get beginsLate(): boolean {
    return this.#beginsLate ?? false;
  }

  /** The client's next record. Throws UnreadableRecord as ClientLog does. */
  take(record: BunyanRecord, { file, line }: Source): void {
    const { time } = record;
    this.#beginsLate ??= record.event !== 'begin';
    if (this.files.at(-1) !== file) this.files.push(file);
    const timeMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
    this.#last = { file: this.files.length - 1, line, timeMs };
    if (record.event === 'welcome') this.#welcomes.set(record.room, this.#last);
    this.#log.take(
      typeof time === 'string' ? (record as typeof record & { time: string }) : { ...record, time: undefined },
    );
    this.#placeNewSteps();
  }

  /** Where a step stands. */
  source(step: number): Source {
    return { file: this.files[this.sources.file(step)] ?? '', line: this.sources.line(step) };
  }

  /** Nothing follows: what had no answer by then has none. */
  end(): void {
    this.#log.dead();
    this.#placeNewSteps();
  }

  /** How it ended in a room, as others tell. */
  endedIn(room: string, how: 'gone' | 'lost'): void {
    this.recorder.endToldByOthers(room, how);
    this.#placeNewSteps();
  }

  #placeNewSteps(): void {
    const { steps } = this.recorder;
    for (let index = this.sources.length; index < steps.length; index += 1) {
      const step = steps[index];
      this.sources.add((step?.kind === 'welcome' && this.#welcomes.get(step.room)) || this.#last);
    }
  }
}
