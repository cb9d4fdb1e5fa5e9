import type { BunyanRecord } from '../../../codec/log-line.js';
import { type ClientLogRecord, clientLogRecord } from '../../../codec/log-records.js';
import { LogStanding } from '../../../codec/log-standing.js';
import type { Step, StepOf } from '../history.js';
import { type ClientLogOptions, ClientLogReader } from './client-log-reader.js';
import type { Source } from './source.js';

/** Where a record stands (the client's file, by number, and the line), and when it was written, NaN where not said. */
interface Written {
  readonly file: number;
  readonly line: number;
  readonly timeMs: number;
}

/** Of one file, for a line and its file to be one exact number. */
const linesMax = 2 ** 32;

/** One client as its log tells of it, with the line of each step: 16 bytes a step. */
export class ClientLog {
  /** What it is called in the history. */
  readonly client: string;
  /** What it calls itself. */
  readonly participant: string;
  /** Of its log, those that tell of it. */
  readonly files: string[] = [];
  readonly steps: Step[] = [];
  readonly #options: ClientLogOptions;
  #reader: ClientLogReader;
  #standing = new LogStanding();
  #beginsLate: boolean | undefined;
  /** The records `part` with which the present file begins. */
  #head: (readonly [BunyanRecord, Source])[] = [];
  /** Where each room's latest welcome was told: what it means shows only afterwards. */
  readonly #welcomes = new Map<unknown, Written>();
  #last: Written = { file: 0, line: 0, timeMs: Number.NaN };
  /** By step, the file and the line as one number, and when that was written. */
  #places = new Float64Array(64);
  #timesMs = new Float64Array(64);
  #placed = 0;

  constructor(client: string, participant: string, options: ClientLogOptions) {
    this.client = client;
    this.participant = participant;
    this.#options = options;
    this.#reader = new ClientLogReader(this.steps, options);
  }

  /** Whether its first record is not that of a client that begins, and does not say where it stands. */
  get beginsLate(): boolean {
    return this.#beginsLate ?? false;
  }

  /**
   * The client's next record. Where it shows that a part of the log is missing, all that was read before is as if it
   * had never been given. Throws as ClientLogReader does.
   */
  add(record: BunyanRecord, source: Source): void {
    const isPart = record.event === 'part';
    if (!isPart) this.#head = [];
    else if (this.#goesOn(record, source)) return;
    this.#beginsLate ??= record.event !== 'begin' && !isPart;
    if (this.files.at(-1) !== source.file) this.files.push(source.file);
    const timeMs = typeof record.time === 'string' ? Date.parse(record.time) : Number.NaN;
    this.#last = { file: this.files.length - 1, line: source.line, timeMs };
    if (record.event === 'welcome') this.#welcomes.set(record.room, this.#last);
    this.#reader.add(record);
    this.#standing.note(record as unknown as ClientLogRecord);
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

  /** Where a step stands; line 0 where there is no such step. */
  source(step: number): Source {
    const place = this.#places[step] ?? 0;
    return { file: this.files[Math.floor(place / linesMax)] ?? '', line: place % linesMax };
  }

  /** When a step was written; undefined where the log does not say. */
  writtenAt(step: number): number | undefined {
    const time = this.#timesMs[step];
    return time === undefined || Number.isNaN(time) || step >= this.#placed ? undefined : time;
  }

  /** Whether a part goes on from what was read, and so says nothing new. */
  #goesOn(record: BunyanRecord, source: Source): boolean {
    const head = [...this.#head, [record, source] as const];
    this.#head = head;
    const part = clientLogRecord(record);
    if (part?.event === 'part' && this.#standing.goesOn(part)) return true;
    if (this.steps.every(({ kind }) => kind === 'part')) return false;
    this.steps.splice(0);
    this.#placed = 0;
    [this.#reader, this.#standing] = [new ClientLogReader(this.steps, this.#options), new LogStanding()];
    [this.#head, this.#beginsLate] = [[], undefined];
    for (const one of head) this.add(...one);
    return true;
  }

  #placeNewSteps(): void {
    for (; this.#placed < this.steps.length; this.#placed += 1) {
      if (this.#placed === this.#places.length) {
        this.#places = doubled(this.#places);
        this.#timesMs = doubled(this.#timesMs);
      }
      const step = this.steps[this.#placed];
      const { file, line, timeMs } = (step?.kind === 'welcome' && this.#welcomes.get(step.room)) || this.#last;
      this.#places[this.#placed] = file * linesMax + line;
      this.#timesMs[this.#placed] = timeMs;
    }
  }
}

function doubled(numbers: Float64Array): Float64Array<ArrayBuffer> {
  const more = new Float64Array(2 * numbers.length);
  more.set(numbers);
  return more;
}
