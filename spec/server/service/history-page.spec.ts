import { expect } from 'chai';
import fc from 'fast-check';
import { defaultLimits, type Limits } from '../../../lib/core/limits.js';
import type { ServerRequest } from '../../../lib/server/actors/messages.js';
import { HistoryPage, type WholePage } from '../../../lib/server/service/history-page.js';

type ReadHistory = Extract<ServerRequest, { kind: 'read-history' }>;

/** A room whose events have so many bytes each, all of them the number of the event. */
class Room {
  logId = 'log';
  readonly asked: { readonly after: number; readonly limit: number; readonly bytesMax: number }[] = [];
  readonly #sizes: number[];

  constructor(sizes: readonly number[]) {
    this.#sizes = [...sizes];
  }

  readonly ask = (request: ServerRequest): void => {
    const { after, limit, bytesMax, replyTo } = request as ReadHistory;
    this.asked.push({ after, limit, bytesMax });
    const events: Buffer[] = [];
    let bytes = 0;
    for (const size of this.#sizes.slice(after, after + limit)) {
      if (events.length > 0 && bytes + size > bytesMax) break;
      bytes += size;
      events.push(Buffer.alloc(size, after + events.length + 1));
    }
    const last = after + events.length;
    replyTo.tell({ kind: 'page', events: Buffer.concat(events), last, logId: this.logId, newest: this.#sizes.length });
  };

  /** The whole page, and after how many parts. */
  page(request: { after?: number; limit?: number }, limits: Partial<Limits>, between = () => {}): WholePage {
    const page = new HistoryPage({
      request: { room: 'lobby', after: 0, limit: 0, ...request },
      limits: { ...defaultLimits, ...limits },
      ask: this.ask,
    });
    let whole: WholePage | undefined;
    let more = true;
    const readOn = () =>
      page.readOn(
        () => {
          more = true;
        },
        (answer) => {
          whole = answer;
        },
      );
    while (more) {
      more = false;
      readOn();
      between();
    }
    if (!whole) throw new Error('no page');
    return whole;
  }
}

describe('a page of history', () => {
  it('is read in parts of so many events, and is the same as if it were read at once [P10] [P12]', () => {
    const room = new Room(Array(10).fill(3));
    const page = room.page({ after: 1, limit: 7 }, { readEntriesPerTurnMax: 3 });
    expect(page).to.deep.include({ kind: 'page', last: 8, newest: 10 });
    expect(room.asked.map(({ after, limit }) => [after, limit])).to.deep.equal([
      [1, 3],
      [4, 3],
      [7, 1],
    ]);
  });

  it('ends where another part is of another log, or there is none: what came before stands [P11]', () => {
    const room = new Room(Array(10).fill(3));
    const page = room.page({}, { readEntriesPerTurnMax: 4 }, () => {
      room.logId = 'another';
    });
    expect(page).to.deep.include({ last: 4, logId: 'log', newest: 10 });
  });

  it('is of the events that follow, as many as fit: of one that is too large, that one', () => {
    const size = fc.integer({ min: 1, max: 20 });
    const limit = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(
        fc.array(size, { maxLength: 15 }),
        fc.nat(16),
        limit,
        fc.nat(12),
        size,
        (sizes, after, asked, all, part) => {
          const limits = { historyEventsMax: all, pageBytesMax: 30, readEntriesPerTurnMax: part };
          const page = new Room(sizes).page({ after, limit: asked }, limits);
          let [count, bytes] = [0, 0];
          for (const one of sizes.slice(after, after + Math.min(asked || all, all))) {
            if (count > 0 && bytes + one > 30) break;
            count += 1;
            bytes += one;
          }
          expect(page).to.deep.include({ last: after + count, newest: sizes.length });
          const expected = sizes.slice(after, after + count).map((one, index) => Buffer.alloc(one, after + index + 1));
          expect(page.kind === 'page' && Buffer.concat(page.events)).to.deep.equal(Buffer.concat(expected));
        },
      ),
    );
  });
});
