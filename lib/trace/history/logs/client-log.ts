import type { BunyanRecord } from '../../../codec/log-line.js';
import { clientLogRecord } from '../../../codec/log-records.js';
import { LogStanding } from '../../../codec/log-standing.js';
import type { Step, StepOf } from '../history.js';
import { type ClientLogOptions, ClientLogReader } from './client-log-reader.js';
import type { Source } from './log-bundle.js';

/** One client as its log tells of it, with the line of each step. */
export interface ClientLog {
  /** What it is called in the history. */
  readonly client: string;
  /** What it calls itself. */
  readonly participant: string;
  /** Of its log, those that tell of it. */
  readonly files: readonly string[];
  readonly steps: readonly Step[];
  /** Whether its first record is not that of a client that begins. */
  readonly beginsLate: boolean;
  /**
   * The client's next record. Where it tells that a part of the log is missing, all that was read before is as if it had never been
   * given. Throws as ClientLogReader does. */
  add(record: BunyanRecord, source: Source): void;
  /** Nothing follows: what had no answer by then has none. */
  end(): void;
  /** How it ended in a room, as others tell. */
  addEnd(end: StepOf<'end'>): void;
  /** Where a step stands. */
  source(step: number): Source;
  /** When a step was written; undefined where the log does not say. */
  writtenAt(step: number): number | undefined;
}

/** Where a record stands: in which of a client's files, by number, and in which line; and when it was written, NaN where it does not say. */
interface Written {
  readonly file: number;
  readonly line: number;
  readonly timeMs: number;
}

export function clientLog(client: string, participant: string, options: ClientLogOptions): ClientLog {
  const files: string[] = [];
  const steps: Step[] = [];
  let reader = new ClientLogReader(steps, options);
  const sources = new StepSources();
  let standing = new LogStanding();
  /** Where each room's latest welcome was told: what it means shows only afterwards. */
  const welcomes = new Map<unknown, Written>();
  let last: Written = { file: 0, line: 0, timeMs: Number.NaN };
  let beginsLate: boolean | undefined;
  const placeNewSteps = () => {
    for (let index = sources.length; index < steps.length; index += 1) {
      const step = steps[index];
      sources.add((step?.kind === 'welcome' && welcomes.get(step.room)) || last);
    }
  };
  /** What came before a part that is missing does not go on in what follows. */
  const forget = () => {
    steps.splice(0);
    sources.length = 0;
    [reader, standing, beginsLate] = [new ClientLogReader(steps, options), new LogStanding(), false];
  };
  return {
    ...{ client, participant, files, steps },
    get beginsLate() {
      return beginsLate ?? false;
    },
    add: (record, { file, line }) => {
      const known = clientLogRecord(record);
      if (known?.event === 'part') {
        if (standing.goesOn(known)) return;
        if (steps.some(({ kind }) => kind !== 'part')) forget();
      }
      if (known) standing.note(known);
      beginsLate ??= record.event !== 'begin' && record.event !== 'part';
      if (files.at(-1) !== file) files.push(file);
      const timeMs = typeof record.time === 'string' ? Date.parse(record.time) : Number.NaN;
      last = { file: files.length - 1, line, timeMs };
      if (record.event === 'welcome') welcomes.set(record.room, last);
      reader.add(record);
      placeNewSteps();
    },
    end: () => {
      reader.end();
      placeNewSteps();
    },
    addEnd: (end) => {
      steps.push(end);
      placeNewSteps();
    },
    source: (step) => ({ file: files[sources.file(step)] ?? '', line: sources.line(step) }),
    writtenAt: (step) => sources.timeMs(step),
  };
}

/** From which line each step of a client is, and when that was written: 16 bytes a step. */
class StepSources {
  length = 0;
  /** The file and the line as one number. */
  #places = new Float64Array(64);
  #timesMs = new Float64Array(64);

  /** Where the next step stands. */
  add({ file, line, timeMs }: Written): void {
    if (this.length === this.#places.length) {
      this.#places = doubled(this.#places);
      this.#timesMs = doubled(this.#timesMs);
    }
    this.#places[this.length] = file * linesMax + line;
    this.#timesMs[this.length] = timeMs;
    this.length += 1;
  }

  file(step: number): number {
    return Math.floor((this.#places[step] ?? 0) / linesMax);
  }

  /** 0 where there is no such step. */
  line(step: number): number {
    return (this.#places[step] ?? 0) % linesMax;
  }

  timeMs(step: number): number | undefined {
    const time = this.#timesMs[step];
    return time === undefined || Number.isNaN(time) || step >= this.length ? undefined : time;
  }
}

/** Of one file, for a line and its file to be one exact number. */
const linesMax = 2 ** 32;

function doubled(numbers: Float64Array): Float64Array<ArrayBuffer> {
  const more = new Float64Array(2 * numbers.length);
  more.set(numbers);
  return more;
}
