import type { BunyanRecord } from '../../../codec/log-line.js';
import type { Step, StepOf } from '../history.js';
import { type ClientLogOptions, ClientLogReader } from './client-log-reader.js';
import type { Source } from './log-bundle.js';

/** Where a record stands: in which of a client's files, by number, and in which line; and when it was written, NaN where it does not say. */
interface Written {
  readonly file: number;
  readonly line: number;
  readonly timeMs: number;
}

/** One client as its log tells of it, with the line of each step. */
export class ClientLog {
  /** What it is called in the history. */
  readonly client: string;
  /** What it calls itself. */
  readonly participant: string;
  /** Of its log, those that tell of it. */
  readonly files: string[] = [];
  readonly steps: Step[] = [];
  readonly #reader: ClientLogReader;
  readonly #sources = new StepSources();
  /** Where each room's latest welcome was told: what it means shows only afterwards. */
  readonly #welcomes = new Map<unknown, Written>();
  #last: Written = { file: 0, line: 0, timeMs: Number.NaN };
  #beginsLate: boolean | undefined;

  constructor(client: string, participant: string, options: ClientLogOptions) {
    this.client = client;
    this.participant = participant;
    this.#reader = new ClientLogReader(this.steps, options);
  }

  /** Whether its first record is not that of a client that begins. */
  get beginsLate(): boolean {
    return this.#beginsLate ?? false;
  }

  /** The client's next record. Throws as ClientLogReader does. */
  add(record: BunyanRecord, { file, line }: Source): void {
    this.#beginsLate ??= record.event !== 'begin';
    if (this.files.at(-1) !== file) this.files.push(file);
    const timeMs = typeof record.time === 'string' ? Date.parse(record.time) : Number.NaN;
    this.#last = { file: this.files.length - 1, line, timeMs };
    if (record.event === 'welcome') this.#welcomes.set(record.room, this.#last);
    this.#reader.add(record);
    this.#placeNewSteps();
  }

  /** Nothing follows: what had no answer by then has none. */
  end(): void {
    this.#reader.end();
    this.#placeNewSteps();
  }

  /** How it ended in a room, as others tell. */
  addEnd(end: StepOf<'end'>): void {
    this.steps.push(end);
    this.#placeNewSteps();
  }

  /** Where a step stands. */
  source(step: number): Source {
    return { file: this.files[this.#sources.file(step)] ?? '', line: this.#sources.line(step) };
  }

  /** When a step was written; undefined where the log does not say. */
  writtenAt(step: number): number | undefined {
    return this.#sources.timeMs(step);
  }

  #placeNewSteps(): void {
    for (let index = this.#sources.length; index < this.steps.length; index += 1) {
      const step = this.steps[index];
      this.#sources.add((step?.kind === 'welcome' && this.#welcomes.get(step.room)) || this.#last);
    }
  }
}

/** From which line each step of a client is, and when that was written: 14 bytes a step. */
class StepSources {
  length = 0;
  #files = new Uint16Array(64);
  #lines = new Int32Array(64);
  #timesMs = new Float64Array(64);

  /** Where the next step stands. */
  add({ file, line, timeMs }: Written): void {
    if (this.length === this.#lines.length) {
      const length = 2 * this.length;
      this.#files = copied(this.#files, new Uint16Array(length));
      this.#lines = copied(this.#lines, new Int32Array(length));
      this.#timesMs = copied(this.#timesMs, new Float64Array(length));
    }
    this.#files[this.length] = file;
    this.#lines[this.length] = line;
    this.#timesMs[this.length] = timeMs;
    this.length += 1;
  }

  file(step: number): number {
    return this.#files[step] ?? 0;
  }

  /** 0 where there is no such step. */
  line(step: number): number {
    return this.#lines[step] ?? 0;
  }

  timeMs(step: number): number | undefined {
    const time = this.#timesMs[step];
    return time === undefined || Number.isNaN(time) || step >= this.length ? undefined : time;
  }
}

function copied<Numbers extends { set(from: Numbers): void }>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}
