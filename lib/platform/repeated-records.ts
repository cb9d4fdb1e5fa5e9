import type { Fields, Journal } from './journal.js';

type Level = keyof Journal;

export interface RepeatedRecordsLimits {
  /** Records of one kind, and of one kind about one address, that are written in full at once … */
  readonly recordBurstMax: number;
  /** … and so many of one kind per second after that, … */
  readonly recordsPerSecondMax: number;
  /** … of which one address may cause so many. */
  readonly recordsPerSecondPerAddressMax: number;
  /** How long records are counted before one record tells how many there were, in milliseconds. */
  readonly recordSummaryMs: number;
  /** Addresses and kinds of record whose records are counted apart. */
  readonly recordKeysMax: number;
}

export interface RepeatedRecordsOptions {
  readonly limits: RepeatedRecordsLimits;
  /** Records that are always written: what causes them is paid for otherwise. */
  readonly always: ReadonlySet<string>;
  /** Milliseconds that only rise; default the process's. */
  readonly now?: () => number;
}

/** What is counted of one kind of record since `sinceMs`. */
interface Counted {
  readonly level: Level;
  readonly of: string;
  readonly detail: string | undefined;
  readonly sinceMs: number;
  readonly address: string | undefined;
  /** Whether all were about that address. */
  oneAddress: boolean;
  count: number;
}

/**
 * A journal in which repeated records cost little: what a stranger can cause again and again is written in full as
 * often as ordinary use comes to, and beyond that counted; one record, `repeated`, then says `of` which event there
 * were how many (`count`) in the last `forMs`, at their own level. A kind is the event with its `reason`, `limit` or
 * `wait`; an address is the record's `address`, or that of its `peer`.
 */
export class RepeatedRecords implements Journal {
  readonly #journal: Journal;
  readonly #options: RepeatedRecordsOptions;
  readonly #now: () => number;
  /** By kind. */
  readonly #kinds = new Map<string, Allowance>();
  /** By kind and address, the one used last at the end. */
  readonly #addresses = new Map<string, Allowance>();
  readonly #counted = new Map<string, Counted>();
  #summary: NodeJS.Timeout | undefined;

  constructor(journal: Journal, options: RepeatedRecordsOptions) {
    this.#journal = journal;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Only its own room pays for a delivery, which is recorded at this level only where an operator asks for it. */
  debug(event: string, fields?: Fields): void {
    this.#journal.debug(event, fields);
  }

  info(event: string, fields?: Fields): void {
    this.#record('info', event, fields);
  }

  warn(event: string, fields?: Fields): void {
    this.#record('warn', event, fields);
  }

  error(event: string, fields?: Fields): void {
    this.#record('error', event, fields);
  }

  /** Tells what is counted now. What comes after that is counted anew. */
  close(): void {
    this.#tellCounted();
  }

  #record(level: Level, event: string, fields: Fields = {}): void {
    if (this.#options.always.has(event)) {
      this.#journal[level](event, fields);
      return;
    }
    const detail = this.#kinds.size < this.#options.limits.recordKeysMax ? detailOf(fields) : undefined;
    const address = addressOf(fields);
    const kind = `${level} ${event} ${detail ?? ''}`;
    // Both are asked only where the first says yes: what one address may not say is not taken from the others.
    if (this.#addressMay(kind, address) && this.#kindMay(kind)) this.#journal[level](event, fields);
    else this.#count(kind, { level, of: event, detail, address });
  }

  #kindMay(kind: string): boolean {
    const { recordBurstMax, recordsPerSecondMax } = this.#options.limits;
    const allowance = this.#kinds.get(kind) ?? new Allowance(recordBurstMax, recordsPerSecondMax, this.#now());
    this.#kinds.set(kind, allowance);
    return allowance.take(this.#now());
  }

  #addressMay(kind: string, address: string | undefined): boolean {
    if (address === undefined) return true;
    const { recordBurstMax, recordsPerSecondPerAddressMax, recordKeysMax } = this.#options.limits;
    const key = `${kind} ${address}`;
    const allowance =
      this.#addresses.get(key) ?? new Allowance(recordBurstMax, recordsPerSecondPerAddressMax, this.#now());
    this.#addresses.delete(key);
    this.#addresses.set(key, allowance);
    // The one unused for longest comes first in a Map. Anew it may say more, but never more than its kind may.
    for (const oldest of this.#addresses.keys()) {
      if (this.#addresses.size <= recordKeysMax) break;
      this.#addresses.delete(oldest);
    }
    return allowance.take(this.#now());
  }

  #count(kind: string, about: Pick<Counted, 'level' | 'of' | 'detail' | 'address'>): void {
    const counted = this.#counted.get(kind) ?? { ...about, sinceMs: this.#now(), oneAddress: true, count: 0 };
    this.#counted.set(kind, counted);
    counted.count += 1;
    counted.oneAddress &&= counted.address === about.address;
    this.#summary ??= setTimeout(() => this.#tellCounted(), this.#options.limits.recordSummaryMs).unref();
  }

  #tellCounted(): void {
    clearTimeout(this.#summary);
    this.#summary = undefined;
    for (const { level, of, detail, count, address, oneAddress, sinceMs } of this.#counted.values()) {
      this.#journal[level]('repeated', {
        of,
        count,
        ...(detail !== undefined && { detail }),
        ...(oneAddress && address !== undefined && { address }),
        forMs: Math.round(this.#now() - sinceMs),
      });
    }
    this.#counted.clear();
  }
}

/** A bucket of records that may be written: full at first, and filled again at a steady rate. */
class Allowance {
  readonly #max: number;
  readonly #perSecond: number;
  #left: number;
  #atMs: number;

  constructor(max: number, perSecond: number, nowMs: number) {
    this.#max = max;
    this.#perSecond = perSecond;
    this.#left = max;
    this.#atMs = nowMs;
  }

  /** Whether one more may be. */
  take(nowMs: number): boolean {
    this.#left = Math.min(this.#max, this.#left + ((nowMs - this.#atMs) * this.#perSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

/** Of a few that the program itself has, never what a stranger may choose: so there are few kinds. */
function detailOf({ reason, limit, wait }: Fields): string | undefined {
  const detail = reason ?? limit ?? wait;
  return typeof detail === 'string' ? detail : undefined;
}

function addressOf({ address, peer }: Fields): string | undefined {
  if (typeof address === 'string') return address;
  return typeof peer === 'string' ? peer.slice(0, Math.max(0, peer.lastIndexOf(':'))) : undefined;
}
