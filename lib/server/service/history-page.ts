import type { ReadHistoryRequest } from '../../codec/messages.js';
import type { Limits } from '../../core/limits.js';
import type { HistoryAnswer, ServerRequest } from '../actors/messages.js';

export interface HistoryPageParts {
  readonly request: ReadHistoryRequest;
  readonly limits: Pick<Limits, 'historyEventsMax' | 'pageBytesMax' | 'readEntriesPerTurnMax'>;
  readonly ask: (request: ServerRequest) => void;
}

type Page = Extract<HistoryAnswer, { kind: 'page' }>;

/** A page whose events are in pieces, or what the actors say where there is none. */
export type WholePage = Exclude<HistoryAnswer, Page> | (Omit<Page, 'events'> & { readonly events: readonly Buffer[] });

/**
 * One page of a room's history, read from its event log in parts of at most `readEntriesPerTurnMax` events. The page
 * ends where the log ends, where it has as many events as were asked for or `historyEventsMax`, or where one event more
 * would be more than `pageBytesMax` bytes: its `newest` then tells that there is more.
 */
export class HistoryPage {
  readonly #parts: HistoryPageParts;
  #events: Buffer[] = [];
  #page: Page | undefined;
  #bytes = 0;
  #count = 0;
  readonly #countMax: number;

  constructor(parts: HistoryPageParts) {
    this.#parts = parts;
    const { request, limits } = parts;
    this.#countMax = Math.min(request.limit || limits.historyEventsMax, limits.historyEventsMax);
  }

  /** Reads the next part. Then calls one of the two, once: `more` where the page goes on, or `done` with all of it. */
  readOn(more: () => void, done: (page: WholePage) => void): void {
    const { request, limits, ask } = this.#parts;
    const after = this.#page?.last ?? request.after;
    const limit = Math.min(this.#countMax - this.#count, limits.readEntriesPerTurnMax);
    const bytesMax = limits.pageBytesMax - this.#bytes;
    const answer = (part: HistoryAnswer): void => {
      if (this.#add(part, after, bytesMax, limit)) more();
      else done(this.#page ? { ...this.#page, events: this.#given() } : (part as Exclude<HistoryAnswer, Page>));
    };
    // What follows from the first part needs no comparison.
    const chain = this.#page ? undefined : request.chain;
    ask({ kind: 'read-history', room: request.room, after, limit, bytesMax, chain, replyTo: { tell: answer } });
  }

  /** The events so far, which whoever still knows of the page is not to hold with it. */
  #given(): readonly Buffer[] {
    const events = this.#events;
    this.#events = [];
    this.#page = undefined;
    return events;
  }

  /** Whether the page goes on after this part. What is no part of it, of another room or unreadable, ends it. */
  #add(part: HistoryAnswer, after: number, bytesMax: number, limit: number): boolean {
    if (part.kind !== 'page' || (this.#page && part.logId !== this.#page.logId)) return false;
    // One event is given whatever its size, which is right only for the first.
    if (this.#page && part.events.length > bytesMax) return false;
    this.#page = part;
    if (part.events.length > 0) this.#events.push(part.events);
    this.#bytes += part.events.length;
    const count = part.last - after;
    this.#count += count;
    return (
      count === limit &&
      this.#count < this.#countMax &&
      part.last < part.newest &&
      this.#bytes < this.#parts.limits.pageBytesMax
    );
  }
}
