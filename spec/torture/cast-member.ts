import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClientLogReader, LogRecord } from '../../lib/trace/history/logs/client-log-reader.js';
import { Child } from '../system/child.js';
import type { Endings } from '../system/endings.js';
import type { Findings } from './findings.js';
import { LineTail } from './line-tail.js';
import type { Member } from './member.js';
import { programWithLimits } from './program-with-limits.js';

/** How long one that ended by itself stays away, in milliseconds. */
const awayMs = 400;

export interface CastMemberParts {
  readonly endings: Endings;
  readonly name: string;
  readonly room: string;
  /** `host:port` of its network. */
  readonly server: string;
  /** Of its files. */
  readonly directory: string;
  readonly log: ClientLogReader;
  /** Whether one that was killed goes on where it was; it joins anew otherwise. */
  readonly keepsPlace: boolean;
  /** Of the client, where they are not the default ones. */
  readonly limits: Readonly<Record<string, number>>;
  readonly findings: Findings;
  /** A planned time, which ends early where the run does. */
  readonly rest: (ms: number) => Promise<void>;
}

/** A real chit-client that says the lines it is given; killed, it is started again with the same files. */
export class CastMember implements Member {
  readonly name: string;
  readonly rooms: readonly string[];
  /** Processes started. */
  lives = 0;
  readonly #parts: CastMemberParts;
  readonly #tail: LineTail;
  /** Resolves with how its last process ended. */
  readonly #over: Promise<number | NodeJS.Signals>;
  #child: Child | undefined;
  #in = false;
  #sequence = 0;
  #newestAtWelcome = 0;
  #downMs: number | undefined;
  #leaving = false;

  constructor(parts: CastMemberParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.rooms = [parts.room];
    this.#tail = new LineTail(this.#logFile);
    this.#over = this.#live();
  }

  get live(): boolean {
    this.look();
    return this.#in && this.#sequence >= this.#newestAtWelcome;
  }

  /** What it says about itself, for people. */
  get lastWords(): string {
    return this.#child?.errorLines.slice(-2).join(' ') || 'nothing';
  }

  /** Whether its present process said so about itself. */
  said(words: string): boolean {
    return this.#child?.errorLines.some((line) => line.includes(words)) ?? false;
  }

  sequence(): number {
    this.look();
    return this.#sequence;
  }

  say(text: string): void {
    if (this.#in) this.#child?.write(`${text}\n`);
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.signal(signal);
  }

  /** kill -9; it is started again after `downMs`. */
  kill(downMs: number): void {
    this.#downMs = downMs;
    this.#child?.signal('SIGKILL');
  }

  /** The end of its input: it says what it still has to, and leaves. Resolves with its exit code. */
  leave(): Promise<number | NodeJS.Signals> {
    this.#leaving = true;
    this.#child?.closeInput();
    return this.#over;
  }

  /** kill -9 for good. */
  async killForGood(): Promise<void> {
    this.#leaving = true;
    this.#child?.signal('SIGKILL');
    await this.#over;
  }

  /** Takes in what it has logged since the last look. */
  look(): void {
    for (const line of this.#tail.newLines()) {
      let record: LogRecord;
      try {
        record = JSON.parse(line);
      } catch {
        // Written into the line in which its predecessor was killed.
        continue;
      }
      this.#follow(record);
      this.#parts.log.add(record);
    }
  }

  get #logFile(): string {
    return join(this.#parts.directory, `${this.name}.log`);
  }

  async #live(): Promise<number | NodeJS.Signals> {
    const { log, rest } = this.#parts;
    for (;;) {
      const child = this.#start();
      this.#child = child;
      const how = await child.ended;
      this.look();
      log.end();
      this.#tail.writerDied();
      this.#in = false;
      if (this.#leaving) return how;
      await (this.#downMs === undefined ? pause(awayMs) : rest(this.#downMs));
      this.#downMs = undefined;
      if (this.#leaving) return how;
    }
  }

  #start(): Child {
    const { endings, name, room, server, limits, keepsPlace } = this.#parts;
    this.lives += 1;
    const [command, ...program] = programWithLimits('chit-client', limits);
    const files = ['--log', this.#logFile, ...(keepsPlace ? ['--state', `${this.#logFile}.place`] : [])];
    const place = ['--server', server, '--room', room, '--name', name, '--offline-max', '10m'];
    const child = new Child(endings, command, [...program, ...place, ...files, '--json']);
    return child;
  }

  #follow({ event, sequence, newest }: LogRecord): void {
    if (event === 'welcome') {
      this.#in = true;
      this.#newestAtWelcome = Number(newest);
      // What a new session begins after, it is not sent; what a resumed one has, it has.
      this.#sequence = Math.max(this.#sequence, Number(sequence));
    } else if (event === 'receive') this.#sequence = Number(sequence);
    else if (event === 'offline' || event === 'disconnect') this.#in = false;
  }
}
