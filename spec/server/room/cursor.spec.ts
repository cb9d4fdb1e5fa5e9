import { expect } from 'chai';
import { type Observable, Subject, tap } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { EventsForgotten, type Run } from '../../../lib/server/log/event-log.js';
import { runOf } from '../../../lib/server/log/run.js';
import type { CursorSource } from '../../../lib/server/room/cursor.js';
import { sentTo } from '../actors/sent-to.js';

/** The run of the events from `first` to `last`; an event's bytes are its digit. */
function run(first: number, last = first): Run {
  const digits = Array.from({ length: last - first + 1 }, (_, n) => Buffer.from(String(first + n)));
  return runOf(first, digits);
}

/** The letters of the drawings: one event each, and runs of several. */
const runs = {
  1: run(1),
  2: run(2),
  3: run(3),
  4: run(4),
  5: run(5),
  b: run(1, 2),
  c: run(2, 3),
  d: run(3, 4),
  e: run(4, 5),
  f: run(3, 5),
};

type Appended = Observable<Run | undefined>;

/** A room that has told what its bell has rung with; `read` gives at most two events at a time. */
function roomOf(appended$: Appended, more: Partial<CursorSource> = {}): CursorSource {
  let newest = 0;
  appended$.subscribe({
    next: (rung) => {
      newest = rung?.last ?? 5;
    },
    error: () => {},
  });
  const read = (after: number) => (after < newest ? run(after + 1, Math.min(after + 2, newest)) : undefined);
  return { appended$, read, last: () => Number.POSITIVE_INFINITY, ...more };
}

describe('follow', () => {
  let testScheduler: TestScheduler;

  beforeEach(() => {
    testScheduler = new TestScheduler((actual, expected) => {
      expect(actual).to.deep.equal(expected);
    });
  });

  /** A stream that always takes more. */
  const fast = (drained$: Observable<unknown>) => ({ writable: () => true, drained$: drained$ as Observable<void> });

  /** What a participant is sent whose stream takes one run, and the next only when it has drained. */
  function slowly(
    source: CursorSource,
    after: number,
    drained$: Observable<unknown>,
    taking?: (run: Run) => void,
  ): Observable<Run> {
    let writable = true;
    const drains$ = drained$.pipe(
      tap(() => {
        writable = true;
      }),
    ) as Observable<never>;
    return sentTo(source, after, { writable: () => writable, drained$: drains$ }, taking).pipe(
      tap(() => {
        writable = false;
      }),
    );
  }

  it('hands one and the same run to all who are in step, each from its own place on [P3]', () => {
    testScheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const bell = hot('      -1--2---f---', runs);
      const anna = '          -1--2---f---';
      const carl = '          ----2---f---';
      const joinCarl = '      --^---------';
      const subs = [
        /*          */ '       ^-----------',
        /*          */ '       ^-----------',
        /*          */ '       --^---------',
      ];
      const never = hot('     ------------');

      const source = roomOf(bell);
      const handed: Run[] = [];
      const note = tap((one: Run) => handed.push(one));
      expectObservable(sentTo(source, 0, fast(never)).pipe(note)).toBe(anna, runs);
      expectObservable(sentTo(source, 1, fast(never)).pipe(note), joinCarl).toBe(carl, runs);
      expectSubscriptions(bell.subscriptions).toBe(subs);
      testScheduler.flush();
      expect(handed.filter((one) => one.first === 2)).to.satisfy((all: Run[]) => all.every((one) => one === runs[2]));
      expect(handed.filter((one) => one === runs.f)).to.have.length(2);
    });
  });

  it('sends a slow participant what it missed as it drains, and a fast one beside it everything at once [T2] [P10]', () => {
    testScheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const bell = hot('      -1-2-3-4-5--------', runs);
      const anna = '          -1-2-3-4-5--------';
      const drains = hot('    ------d-----d---d-');
      const slow = '          -1----c-----e-----';
      const drainsSubs = '    ^-----------------';
      const never = hot('     ------------------');

      const source = roomOf(bell);
      expectObservable(sentTo(source, 0, fast(never))).toBe(anna, runs);
      expectObservable(slowly(source, 0, drains)).toBe(slow, runs);
      expectSubscriptions(drains.subscriptions).toBe(drainsSubs);
    });
  });

  it('reads on as long as the stream takes more, and not once more [P10]', () => {
    testScheduler.run(({ hot, expectObservable }) => {
      const bell = hot('      -------------------5-', runs);
      const drains = hot('    ---d----d-----d---------');
      const expected = '      b--d----5---------------';

      const reads: number[] = [];
      const read = (after: number) => {
        reads.push(after);
        return after < 5 ? run(after + 1, Math.min(after + 2, 5)) : undefined;
      };
      const source = { appended$: bell, read, last: () => Number.POSITIVE_INFINITY };
      expectObservable(slowly(source, 0, drains)).toBe(expected, runs);
      testScheduler.flush();
      // The last two: at the third drain and at the bell there was nothing new, and the stream was open.
      expect(reads).to.deep.equal([0, 2, 4, 5, 5]);
    });
  });

  it('reads everything at once for a stream that takes it all, and is in step from then on', () => {
    testScheduler.run(({ hot, expectObservable }) => {
      const bell = hot('      ---4---5--', runs);
      const expected = '      (bd)---5--';
      const never = hot('     ----------');

      let newest = 4;
      const read = (after: number) => (after < newest ? run(after + 1, Math.min(after + 2, newest)) : undefined);
      bell.subscribe((rung) => {
        newest = rung.last;
      });
      const source = { appended$: bell, read, last: () => Number.POSITIVE_INFINITY };
      expectObservable(sentTo(source, 0, fast(never))).toBe(expected, runs);
    });
  });

  it('is told to read on by a bell without a run', () => {
    testScheduler.run(({ hot, expectObservable }) => {
      const bell = hot('      -u---5----', { u: undefined, 5: runs[5] });
      const expected = '      -(bd5)----';
      const never = hot('     ----------');

      expectObservable(sentTo(roomOf(bell), 0, fast(never))).toBe(expected, runs);
    });
  });

  it('loses nothing by a bell with a run too far ahead [P3]', () => {
    testScheduler.run(({ hot, expectObservable }) => {
      const bell = hot('      ---f------', runs);
      const expected = '      ---(bd5)--';
      const never = hot('     ----------');

      expectObservable(sentTo(roomOf(bell), 0, fast(never))).toBe(expected, runs);
    });
  });

  it('sends nothing twice, however often the bell rings', () => {
    testScheduler.run(({ hot, expectObservable }) => {
      const bell = hot('      -b-b-1-u--2-f--', { ...runs, u: undefined });
      const expected = '      -b-----(d5)----';
      const never = hot('     ---------------');

      expectObservable(sentTo(roomOf(bell), 0, fast(never))).toBe(expected, runs);
    });
  });

  describe('with a last event', () => {
    it('completes with it, and lets go of bell and stream [P8]', () => {
      testScheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
        const bell = hot('      -1--2---3---4---', runs);
        const bellSubs = [/*            */ '     ^---------------', /*            */ '     ^-------!       '];
        const drains = hot('    ----------------');
        const drainsSubs = '    ^-------!       ';
        const expected = '      -1--2---(3|)    ';

        const source = roomOf(bell, { last: () => 3 });
        expectObservable(sentTo(source, 0, fast(drains))).toBe(expected, runs);
        expectSubscriptions(bell.subscriptions).toBe(bellSubs);
        expectSubscriptions(drains.subscriptions).toBe(drainsSubs);
      });
    });

    it('cuts the run that holds it [P8]', () => {
      testScheduler.run(({ hot, expectObservable }) => {
        const bell = hot('      -b--f---', runs);
        const expected = '      -b--(3|)';
        const never = hot('     --------');

        expectObservable(sentTo(roomOf(bell, { last: () => 3 }), 0, fast(never))).toBe(expected, runs);
      });
    });

    it('still sends a slow participant all that is up to it', () => {
      testScheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
        const bell = hot('      -1-2-3-4-5-----------', runs);
        const drains = hot('    -----------d----d----');
        const drainsSubs = '    ^---------------!    ';
        const expected = '      -1---------c----(4|) ';

        expectObservable(slowly(roomOf(bell, { last: () => 4 }), 0, drains)).toBe(expected, runs);
        expectSubscriptions(drains.subscriptions).toBe(drainsSubs);
      });
    });

    it('completes also where it was sent before it was known to be the last', () => {
      testScheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
        const bell = hot('      -b----u---', { ...runs, u: undefined });
        const known = hot('     ---k------');
        const bellSubs = [/*            */ '     ^---------', /*            */ '     ^-----!   '];
        const expected = '      -b----|   ';
        const never = hot('     ----------');

        let last = Number.POSITIVE_INFINITY;
        known.subscribe(() => {
          last = 2;
        });
        const source = roomOf(bell, { last: () => last, read: () => undefined });
        expectObservable(sentTo(source, 0, fast(never))).toBe(expected, runs);
        expectSubscriptions(bell.subscriptions).toBe(bellSubs);
      });
    });
  });

  it('completes with the bell', () => {
    testScheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const bell = hot('      -1--2--|', runs);
      const drains = hot('    --------');
      const drainsSubs = '    ^------!';
      const expected = '      -1--2--|';

      expectObservable(sentTo(roomOf(bell), 0, fast(drains))).toBe(expected, runs);
      expectSubscriptions(drains.subscriptions).toBe(drainsSubs);
    });
  });

  it('errors with the bell, for all who follow', () => {
    testScheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const bell = hot('      -1--2--#', runs);
      const drains = hot('    --------');
      const drainsSubs = [/*            */ '     ^------!', /*            */ '     ^------!'];
      const expected = '      -1--2--#';

      const source = roomOf(bell);
      expectObservable(sentTo(source, 0, fast(drains))).toBe(expected, runs);
      expectObservable(sentTo(source, 0, fast(drains))).toBe(expected, runs);
      expectSubscriptions(drains.subscriptions).toBe(drainsSubs);
    });
  });

  it('errors with what reading throws, and leaves those who do not read alone [P11]', () => {
    testScheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const bell = hot('      -1--2---3---4---', runs);
      const bellSubs = [
        /*            */ '     ^---------------',
        /*            */ '     ^---------------',
        /*            */ '     ^---------!     ',
      ];
      const drains = hot('    ----------d-----');
      const drainsSubs = '    ^---------!     ';
      const never = hot('     ----------------');
      const anna = '          -1--2---3---4---';
      const slow = '          -1--------#     ';

      const forgotten = new EventsForgotten('2');
      const read = (after: number) => {
        if (after === 1) throw forgotten;
        return undefined;
      };
      const source = roomOf(bell, { read });
      expectObservable(sentTo(source, 0, fast(never))).toBe(anna, runs);
      expectObservable(slowly(source, 0, drains)).toBe(slow, runs, forgotten);
      expectSubscriptions(bell.subscriptions).toBe(bellSubs);
      expectSubscriptions(drains.subscriptions).toBe(drainsSubs);
    });
  });

  it('ends alone when sending fails: the others of its room go on [P10]', () => {
    testScheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const bell = hot('      -1--2---3---4---', runs);
      const bellSubs = [
        /*            */ '     ^---------------',
        /*            */ '     ^-------!       ',
        /*            */ '     ^---------!     ',
        /*            */ '     ^---------------',
      ];
      const never = hot('     ----------------');
      const drains = hot('    ----------d-----');
      const broken = '        -1--2---#       ';
      const slow = '          -1--------#     ';
      const anna = '          -1--2---3---4---';

      const source = roomOf(bell);
      const failAt = (sequence: number) => (one: Run) => {
        if (one.first === sequence) throw 'error';
      };
      expectObservable(sentTo(source, 0, fast(never), failAt(3))).toBe(broken, runs);
      expectObservable(slowly(source, 0, drains, failAt(2))).toBe(slow, runs);
      expectObservable(sentTo(source, 0, fast(never))).toBe(anna, runs);
      expectSubscriptions(bell.subscriptions).toBe(bellSubs);
    });
  });

  it('lets go of bell and stream when it is unsubscribed', () => {
    testScheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const bell = hot('      -1--2---3---', runs);
      const bellSubs = [/*            */ '     ^-----------', /*            */ '     ^-----!     '];
      const drains = hot('    ------------');
      const drainsSubs = '    ^-----!     ';
      const unsub = '         ------!     ';
      const expected = '      -1--2--     ';

      expectObservable(sentTo(roomOf(bell), 0, fast(drains)), unsub).toBe(expected, runs);
      expectSubscriptions(bell.subscriptions).toBe(bellSubs);
      expectSubscriptions(drains.subscriptions).toBe(drainsSubs);
    });
  });

  it('reads on once where the stream drains from within a delivery', () => {
    testScheduler.run(({ hot, expectObservable }) => {
      const bell = hot('      -1---c--', runs);
      const expected = '      -1---c--';

      const drained$ = new Subject<void>();
      const sent = sentTo(roomOf(bell), 0, { writable: () => true, drained$ }).pipe(tap(() => drained$.next()));
      expectObservable(sent).toBe(expected, runs);
    });
  });

  it('errors where what it reads does not begin where the last run ended: a gap is never sent in silence [P3]', () => {
    testScheduler.run(({ hot, expectObservable }) => {
      const bell = hot('      -1---3--', runs);
      const expected = '      -1---#--';

      const read = (after: number) => (after === 1 ? run(3) : undefined);
      const error = new Error('after event 1 came a run from 3 on');
      expectObservable(sentTo(roomOf(bell, { read }), 0, fast(hot('-')))).toBe(expected, runs, error);
    });
  });
});
