import type { EndStep, Step } from '../history.js';
import { type ClientLogOptions, ClientLogReader } from './client-log-reader.js';
import type { Source } from './log-bundle.js';
import type { BunyanRecord } from './log-line.js';
import { StepSources, type Written } from './step-sources.js';

/** One client as its log tells of it, with the line of each step. */
export class ClientLog {
  /** What it is called in the history. */
  readonly client: string;
  /** What it calls itself. */
  readonly participant: string;
  /** Of its log, those that tell of it. */
  readonly files: string[] = [];
  readonly steps: Step[] = [];
  readonly sources = new StepSources();
  readonly #reader: ClientLogReader;
  /** Where each room's latest welcome was told: what it means shows only afterwards. */
  readonly #welcomes = new Map<unknown, Written>();
  #last: Written = { file: 0, line: 0, timeMs: Number.NaN };
  #beginsLate: boolean | undefined;

  constructor(names: Pick<ClientLog, 'client' | 'participant'>, options: ClientLogOptions) {
    this.client = names.client;
    this.participant = names.participant;
    this.#reader = new ClientLogReader(this.steps, options);
  }

  /** Whether its first record is not that of a client that begins. */
  get beginsLate(): boolean {
    return this.#beginsLate ?? false;
  }

  /** The client's next record. Throws as ClientLogReader does. */
  add(record: BunyanRecord, { file, line }: Source): void {
    const { time } = record;
    this.#beginsLate ??= record.event !== 'begin';
    if (this.files.at(-1) !== file) this.files.push(file);
    const timeMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
    this.#last = { file: this.files.length - 1, line, timeMs };
    if (record.event === 'welcome') this.#welcomes.set(record.room, this.#last);
    this.#reader.add(record);
    this.#placeNewSteps();
  }

  /** Where a step stands. */
  source(step: number): Source {
    return { file: this.files[this.sources.file(step)] ?? '', line: this.sources.line(step) };
  }

  /** Nothing follows: what had no answer by then has none. */
  end(): void {
    this.#reader.end();
    this.#placeNewSteps();
  }

  /** How it ended in a room, as others tell. */
  addEnd(end: EndStep): void {
    this.steps.push(end);
    this.#placeNewSteps();
  }

  #placeNewSteps(): void {
    for (let index = this.sources.length; index < this.steps.length; index += 1) {
      const step = this.steps[index];
      this.sources.add((step?.kind === 'welcome' && this.#welcomes.get(step.room)) || this.#last);
    }
  }
}
