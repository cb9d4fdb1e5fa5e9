import { setTimeout as pause } from 'node:timers/promises';
import { Child } from '../system/child.js';
import { Endings } from '../system/endings.js';
import type { JournalRecord } from '../system/journal-records.js';
import { projectFile } from '../system/project.js';
import { RawCaller } from '../system/raw-caller.js';
import type { Findings } from './findings.js';
import { type Flip, type Flipped, flipBits } from './flips.js';
import type { LogIdSeen, ReportedLoss } from './reported-losses.js';

/** Beyond every sequence: a page after it has no events, and says which log it is of. */
const afterAll = Number.MAX_SAFE_INTEGER;

/** How often a room's log id is asked for that has none yet, in milliseconds. */
const askAgainMs = 200;

/** Records that say that a room has something that cannot be read. */
const unreadable = new Set(['event-damaged', 'room-unreadable']);

export interface DamagedStoreParts {
  readonly directory: string;
  /** Whose log ids are watched. */
  readonly rooms: readonly string[];
  readonly endings: Endings;
  readonly findings: Findings;
}

/** What was done to a server's store while it was down, and all that the server and its check said of it. */
export class DamagedStore {
  readonly flipped: Flipped[] = [];
  readonly losses: ReportedLoss[] = [];
  readonly logIds: LogIdSeen[] = [];
  /** By words for people. */
  readonly counts = {
    flipped: 0,
    eventsDamaged: 0,
    headsRebuilt: 0,
    snapshotsDamaged: 0,
    segmentsDamaged: 0,
    startsRefused: 0,
    roomsCut: 0,
  };
  readonly #parts: DamagedStoreParts;
  #isToldOf = false;
  /** Where segments were damaged since the last start: up to where each room has something, as the check says. */
  #keptBeside: ReadonlyMap<string, number> | undefined;

  constructor(parts: DamagedStoreParts) {
    this.#parts = parts;
  }

  /** Whether a life of the server said that something cannot be read, and nothing was done about it yet. */
  get isToldOf(): boolean {
    return this.#isToldOf;
  }

  /** Whether anything of this room was ever damaged. */
  isHit(room: string | undefined): boolean {
    return this.flipped.some((one) => one.room === room);
  }

  /** Whether anything of this room was ever damaged, or is said to be lost. */
  hasLost(room: string): boolean {
    return this.isHit(room) || this.losses.some((loss) => loss.room === room);
  }

  async flip(flips: readonly Flip[]): Promise<void> {
    const made = await flipBits(this.#parts.directory, flips);
    this.flipped.push(...made);
    this.counts.flipped += made.length;
    const isSegment = made.some(({ table }) => table === 'segments');
    // A start says that of any room something may be lost, and not what.
    this.#keptBeside = isSegment ? await this.#keptNow() : undefined;
  }

  /** A life of the server is over, which wrote these records. */
  takeRecords(records: readonly JournalRecord[], life: number): void {
    for (const record of records) {
      const { event, room = '', sequence = 0 } = record;
      if (unreadable.has(event)) this.#isToldOf = true;
      if (event === 'event-damaged') this.counts.eventsDamaged += 1;
      if (event === 'snapshot-damaged') this.counts.snapshotsDamaged += 1;
      if (event === 'segments-damaged') this.#loseBesideSegments(life);
      if (event !== 'head-rebuilt') continue;
      this.counts.headsRebuilt += 1;
      if ((record as { newLogId?: boolean }).newLogId) this.#lose({ room, keptTo: sequence, life });
    }
    this.#keptBeside = undefined;
  }

  /** A start was refused, and its line says what to do. */
  startRefused(): void {
    this.counts.startsRefused += 1;
    this.#isToldOf = true;
  }

  /** All of it is to be looked at before the next start. */
  lookAtAll(): void {
    this.#isToldOf = true;
  }

  /** `chit-server check --cut`, as the server's operator is told to; `life` is that which begins after it. */
  async cut(life: number): Promise<void> {
    this.#isToldOf = false;
    const [first, second] = [await this.#check(['--cut']), await this.#check([])];
    if (second.code !== 0) {
      this.#parts.findings.add(`The store is damaged after check --cut (${second.code}): ${second.lines.join(' ')}`);
    }
    const kept = new Map<string, number>();
    for (const line of first.lines) {
      const told =
        /^(\S+): good up to event (\d+) of /.exec(line) ?? /^(\S+) ends at event (\d+) now, and has /.exec(line);
      if (told?.[1]) kept.set(told[1], Number(told[2]));
    }
    this.counts.roomsCut += kept.size;
    for (const [room, keptTo] of kept) this.#lose({ room, keptTo, life });
  }

  /** Writes down which logs the rooms have in the life that listens at `server`: asks until each has one, or the life is over. */
  async noteLogIds(server: string, life: number, isOver: () => boolean): Promise<void> {
    const endings = new Endings();
    const caller = new RawCaller(endings, server);
    const missing = new Set(this.#parts.rooms);
    while (missing.size > 0 && !isOver()) {
      for (const room of missing) {
        // One that was not begun yet has none, and one that cannot be read may not tell.
        const { logId } = await caller.historyPage(room, afterAll, 1).catch(() => ({ logId: '' }));
        if (logId === '') continue;
        this.logIds.push({ room, logId, life });
        missing.delete(room);
      }
      if (missing.size > 0) await pause(askAgainMs);
    }
    await endings.run();
  }

  /** Up to which event each room has something, good or not, as the check says. */
  async #keptNow(): Promise<ReadonlyMap<string, number>> {
    const { lines } = await this.#check([]);
    const kept = keptIn(lines);
    const [, rooms] = /: (\d+) rooms?, /.exec(lines.at(-1) ?? '') ?? [];
    if (kept.size !== Number(rooms)) this.#parts.findings.add(`Nobody knows what the check says: ${lines.join(' ')}`);
    return kept;
  }

  /** All rooms go on under new log ids, with what was left of them. */
  #loseBesideSegments(life: number): void {
    this.counts.segmentsDamaged += 1;
    if (!this.#keptBeside) this.#parts.findings.add('Segments are said to be damaged, and were not.');
    for (const room of this.#parts.rooms) this.#lose({ room, keptTo: this.#keptBeside?.get(room) ?? 0, life });
  }

  #lose(loss: ReportedLoss): void {
    this.losses.push(loss);
    if (this.#keptBeside || this.isHit(loss.room)) return;
    this.#parts.findings.add(`Room ${loss.room} is said to have lost all after ${loss.keptTo}, and was not damaged.`);
  }

  async #check(options: readonly string[]): Promise<{ code: number | NodeJS.Signals; lines: readonly string[] }> {
    const { endings, directory, findings } = this.#parts;
    const args = [projectFile('bin/chit-server'), 'check', ...options, directory];
    const child = new Child(endings, process.execPath, args);
    const code = await child.ended;
    if (code !== 0 && code !== 1) {
      findings.add(`chit-server check ${options.join(' ')} ended with ${code}: ${child.errorLines.join(' ')}`);
    }
    return { code, lines: child.lines };
  }
}

function keptIn(lines: readonly string[]): Map<string, number> {
  const kept = new Map<string, number>();
  for (const line of lines) {
    const [, room, all, newest] = /^(\S+): (?:all (\d+) events? good|good up to event \d+ of (\d+),)/.exec(line) ?? [];
    if (room) kept.set(room, Number(all ?? newest));
  }
  return kept;
}
