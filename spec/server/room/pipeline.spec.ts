import { expect } from 'chai';
import { catchError, type Observable, Subject, tap } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { LogUnwritable } from '../../../lib/server/log/event-log.js';
import { DrawnRoom } from './drawn-room.js';

/**
 * The way of a room's events, from the commands of all connections to the observables of all participants. Small letters
 * join (a, b, c) and leave (x, y, z: the same three), capitals speak. What a participant is sent at once is one write.
 */
describe('A room’s pipeline', () => {
  let testScheduler: TestScheduler;

  beforeEach(() => {
    testScheduler = new TestScheduler((actual, expected) => {
      expect(actual).to.deep.equal(expected);
    });
  });

  /** A room whose appends take two frames, whose turns end after one, and whose company is awaited for three. */
  function roomOf({ cold }: RunHelpers) {
    const append = cold('  --k|');
    const turn = cold('    -t');
    const company = cold(' ---c');
    return { append, turn, company, room: new DrawnRoom({ append$: append, turn$: turn, company$: company }) };
  }

  const never = new Subject<void>();
  const fastWith = (drained$: Observable<unknown>) => ({
    writable: () => true,
    drained$: drained$ as Observable<void>,
  });
  const fast = fastWith(never);

  it('brings two publishers’ messages to all in one order [S4] [P2] [P6]', () => {
    testScheduler.run((helpers) => {
      const { hot, expectObservable, expectSubscriptions } = helpers;
      const { room, append, turn, company } = roomOf(helpers);
      const inlet = hot('     -(ab)-----A-B-A-B-B---------|');
      const inletSubs = '     ^---------------------------!';
      const companySubs = '   -^--!                        ';
      const turnSubs = [
        /*            */ '    ----------^!                 ',
        /*            */ '    --------------^!             ',
        /*            */ '    ------------------^!         ',
      ];
      const appendSubs = [
        /*            */ '    ----^--!                     ',
        /*            */ '    -----------^--!              ',
        /*            */ '    ---------------^--!          ',
        /*            */ '    -------------------^--!      ',
      ];
      const anna = '          ------(ab)---A---(BA)(BB)-   ';
      const bob = '           ------(b)----A---(BA)(BB)-   ';
      const log = '           ------(ab)---A---(BA)(BB)---|';

      expectObservable(room.follow('a', fast)).toBe(anna);
      expectObservable(room.follow('b', fast)).toBe(bob);
      expectObservable(room.run(inlet)).toBe(log);
      expectSubscriptions(inlet.subscriptions).toBe(inletSubs);
      expectSubscriptions(company.subscriptions).toBe(companySubs);
      expectSubscriptions(turn.subscriptions).toBe(turnSubs);
      expectSubscriptions(append.subscriptions).toBe(appendSubs);
    });
  });

  it('stamps what it puts in order: sequences without gap, times that rise [P1] [P7] [S8]', () => {
    testScheduler.run((helpers) => {
      const { hot, expectObservable } = helpers;
      const { room } = roomOf(helpers);
      const inlet = hot('     -(ab)-A-B-x--y--------|');
      const log = '           ------(ab)(AB)--(xy)--|';

      expectObservable(room.run(inlet)).toBe(log);
      testScheduler.flush();
      expect(room.events.map(({ sequence }) => sequence)).to.deep.equal([1, 2, 3, 4, 5, 6]);
      expect(room.events.map(({ lamport }) => lamport)).to.deep.equal([1, 2, 3, 4, 5, 6]);
    });
  });

  it('brings a join before the joiner’s first message, also where both came at once [P8] [S5]', () => {
    testScheduler.run((helpers) => {
      const { hot, expectObservable, expectSubscriptions } = helpers;
      const { room, append, company } = roomOf(helpers);
      const inlet = hot('     -a-------(bBA)---------|');
      const inletSubs = '     ^----------------------!';
      const companySubs = [
        /*            */ '    -^--!                   ',
        /*            */ '    ---------(^!)           ',
      ];
      const appendSubs = [
        /*            */ '    ----^--!                ',
        /*            */ '    ----------^--!          ',
      ];
      const anna = '          ------a-----(bBA)-------';
      const bob = '           ------------(bBA)-------';
      const log = '           ------a-----(bBA)------|';

      expectObservable(room.follow('a', fast)).toBe(anna);
      expectObservable(room.follow('b', fast)).toBe(bob);
      expectObservable(room.run(inlet)).toBe(log);
      expectSubscriptions(inlet.subscriptions).toBe(inletSubs);
      expectSubscriptions(company.subscriptions).toBe(companySubs);
      expectSubscriptions(append.subscriptions).toBe(appendSubs);
    });
  });

  it('brings a leave after the leaver’s last message, and nothing to him after it [P8] [S6]', () => {
    testScheduler.run((helpers) => {
      const { hot, expectObservable, expectSubscriptions } = helpers;
      const { room } = roomOf(helpers);
      const inlet = hot('     -(ab)------(BxA)---A---|');
      const inletSubs = '     ^----------------------!';
      const drained = hot('   ------------------------');
      const drainedSubs = '   ------^-------!';
      const anna = '          ------(ab)----(Bx|)     ';
      const bob = '           ------(b)-----(Bx)------';
      const log = '           ------(ab)----(Bx)-----|';

      const annas = fastWith(drained);
      expectObservable(room.follow('a', annas)).toBe(anna);
      expectObservable(room.follow('b', fast)).toBe(bob);
      expectObservable(room.run(inlet)).toBe(log);
      expectSubscriptions(inlet.subscriptions).toBe(inletSubs);
      expectSubscriptions(drained.subscriptions).toBe(drainedSubs);
    });
  });

  it('brings a visit that begins and ends in one group to its visitor whole, and no more than it', () => {
    testScheduler.run((helpers) => {
      const { hot, expectObservable } = helpers;
      const { room } = roomOf(helpers);
      const inlet = hot('     -b-------(aAxB)---------|');
      const anna = '          -----------(aAx|)        ';
      const bob = '           ------b----(aAxB)--------';
      const log = '           ------b----(aAxB)-------|';

      expectObservable(room.follow('a', fast)).toBe(anna);
      expectObservable(room.follow('b', fast)).toBe(bob);
      expectObservable(room.run(inlet)).toBe(log);
    });
  });

  it('keeps one order for all where a participant publishes from within a delivery [P2]', () => {
    testScheduler.run((helpers) => {
      const { hot, expectObservable, expectSubscriptions } = helpers;
      const { room, append } = roomOf(helpers);
      // Bob answers each message of Anna’s in the moment he is sent it: before Carl is, who came later.
      const inlet = hot('     -(abc)-----A-A------------|');
      const inletSubs = '     ^-------------------------!';
      const appendSubs = [
        /*            */ '    ----^--!                  ',
        /*            */ '    ------------^--!          ',
        /*            */ '    ----------------^--!      ',
        /*            */ '    --------------------^--!  ',
      ];
      const anna = '          ------(abc)---A---(AB)B---';
      const bob = '           ------(bc)----A---(AB)B---';
      const carl = '          ------(c)-----A---(AB)B---';
      const log = '           ------(abc)---A---(AB)B---|';

      const letters = new Subject<string>();
      inlet.subscribe(letters);
      const answer = (text: string) => {
        if (text === 'A') letters.next('B');
      };
      expectObservable(room.follow('a', fast)).toBe(anna);
      expectObservable(room.follow('b', fast).pipe(tap(answer))).toBe(bob);
      expectObservable(room.follow('c', fast)).toBe(carl);
      expectObservable(room.run(letters)).toBe(log);
      expectSubscriptions(inlet.subscriptions).toBe(inletSubs);
      expectSubscriptions(append.subscriptions).toBe(appendSubs);
    });
  });

  it('never lets a slow participant delay a fast one, and gives both the same [T2] [P3] [P10]', () => {
    testScheduler.run((helpers) => {
      const { hot, expectObservable, expectSubscriptions } = helpers;
      const { room } = roomOf(helpers);
      const inlet = hot('     -(ab)-----A---A---B---A------------|');
      // It is sent nothing before it drains, and then all that it can be sent at once.
      const drains = hot('    ----------------------d------d------');
      const drainsSubs = '    ------^-----------------------------';
      const anna = '          ------(ab)---A---A---B---A----------';
      const slow = '          ------(b)-------------(AAB)--A------';
      const log = '           ------(ab)---A---A---B---A---------|';

      let writable = true;
      const drained$ = drains.pipe(
        tap(() => {
          writable = true;
        }),
      ) as Observable<never>;
      const fill = () => {
        writable = false;
      };
      expectObservable(room.follow('a', fast)).toBe(anna);
      expectObservable(room.follow('b', { writable: () => writable, drained$ }, fill)).toBe(slow);
      expectObservable(room.run(inlet)).toBe(log);
      expectSubscriptions(drains.subscriptions).toBe(drainsSubs);
    });
  });

  it('ends a participant’s stream by its own error, and no other’s [P10]', () => {
    testScheduler.run((helpers) => {
      const { hot, expectObservable, expectSubscriptions } = helpers;
      const { room } = roomOf(helpers);
      const inlet = hot('     -(abc)----A---B---y---A--|   ');
      const inletSubs = '     ^------------------------!   ';
      const drained = hot('   -----------------------------');
      const drainedSubs = '   ------^------!               ';
      const anna = '          ------(abc)--A---B-----y---A-';
      const bob = '           ------(bc)---#               ';
      const carl = '          ------(c)----A---B-----y---A-';
      const log = '           ------(abc)--A---B-----y---A|';

      const broken = fastWith(drained);
      let sent = 0;
      const send = () => {
        sent += 1;
        if (sent === 2) throw 'error';
      };
      expectObservable(room.follow('a', fast)).toBe(anna);
      expectObservable(room.follow('b', broken, send)).toBe(bob);
      expectObservable(room.follow('c', fast)).toBe(carl);
      expectObservable(room.run(inlet)).toBe(log);
      expectSubscriptions(inlet.subscriptions).toBe(inletSubs);
      expectSubscriptions(drained.subscriptions).toBe(drainedSubs);
    });
  });

  it('makes no event of what it rejects [P9]', () => {
    testScheduler.run((helpers) => {
      const { hot, expectObservable, expectSubscriptions } = helpers;
      const { room, append } = roomOf(helpers);
      // A name that is taken, one who speaks and one who leaves without having come.
      const inlet = hot('     -a------a-------B----y------A-------|');
      const appendSubs = [
        /*            */ '    ----^--!                             ',
        /*            */ '    -----------------------------^--!    ',
      ];
      const anna = '          ------a------------------------A-----';
      const log = '           ------a------------------------A----|';

      expectObservable(room.follow('a', fast)).toBe(anna);
      expectObservable(room.run(inlet)).toBe(log);
      expectSubscriptions(append.subscriptions).toBe(appendSubs);
    });
  });

  it('makes all that was taken in durable and tells it before it completes', () => {
    testScheduler.run((helpers) => {
      const { hot, expectObservable, expectSubscriptions } = helpers;
      const { room, append, turn, company } = roomOf(helpers);
      const inlet = hot('     -(ab)----A-x|    ');
      const inletSubs = '     ^-----------!    ';
      const companySubs = '   -^--!            ';
      const turnSubs = '      ---------^!      ';
      const appendSubs = [
        /*            */ '    ----^--!         ',
        /*            */ '    ----------^--!   ',
        /*            */ '    -------------^--!',
      ];
      const anna = '          ------(ab)--A--(x|)';
      const bob = '           ------(b)---A--x-';
      const log = '           ------(ab)--A--x|';

      expectObservable(room.follow('a', fast)).toBe(anna);
      expectObservable(room.follow('b', fast)).toBe(bob);
      expectObservable(room.run(inlet)).toBe(log);
      expectSubscriptions(inlet.subscriptions).toBe(inletSubs);
      expectSubscriptions(company.subscriptions).toBe(companySubs);
      expectSubscriptions(turn.subscriptions).toBe(turnSubs);
      expectSubscriptions(append.subscriptions).toBe(appendSubs);
    });
  });

  it('tells nobody of a group whose append fails, and takes nothing more in [P4]', () => {
    testScheduler.run((helpers) => {
      const { cold, hot, expectObservable, expectSubscriptions } = helpers;
      const inlet = hot('     -(ab)-A----A----|');
      const inletSubs = '     ^-----!          ';
      const append = cold('       --#         ');
      const appendSubs = '    ----^-!          ';
      const anna = '          -----------------';
      const log = '           ------#          ';

      const room = new DrawnRoom({ append$: append, turn$: cold('-t'), company$: cold('---c') });
      expectObservable(room.follow('a', fast)).toBe(anna);
      expectObservable(room.run(inlet)).toBe(log);
      expectSubscriptions(inlet.subscriptions).toBe(inletSubs);
      expectSubscriptions(append.subscriptions).toBe(appendSubs);
    });
  });

  it('tells a room of many what became durable while more waited with that, in one write', () => {
    testScheduler.run((helpers) => {
      const { cold, hot, expectObservable, expectSubscriptions } = helpers;
      const inlet = hot('     -(ab)----A-B---------A---|');
      const append = cold('             --k|           ');
      const appendSubs = [
        /*            */ '    ----^--!                  ',
        /*            */ '    ----------^--!            ',
        /*            */ '    --------------^--!        ',
        /*            */ '    ----------------------^--!',
      ];
      // The first waits, for the second is on its way already; the third has nothing to wait for.
      const anna = '          ------(ab)------(AB)----A-';
      const bob = '           ------(b)-------(AB)----A-';
      const log = '           ------(ab)------(AB)----A|';

      const room = new DrawnRoom({ append$: append, turn$: cold('-t'), company$: cold('---c'), groupsHeldMax: 1 });
      expectObservable(room.follow('a', fast)).toBe(anna);
      expectObservable(room.follow('b', fast)).toBe(bob);
      expectObservable(room.run(inlet)).toBe(log);
      expectSubscriptions(append.subscriptions).toBe(appendSubs);
    });
  });

  it('is as it was before a group that the store did not take, and goes on with the next [P4] [P7]', () => {
    testScheduler.run((helpers) => {
      const { cold, hot, expectObservable, expectSubscriptions } = helpers;
      const inlet = hot('     -(ab)----A-----B----|');
      const inletSubs = '     ^-------------------!';
      const full = new LogUnwritable('no space');
      const append$ = [cold('--k|'), cold('--#', undefined, full), cold('--k|')];
      const anna = '          ------(ab)--------B--';
      const bob = '           ------(b)---------B--';
      const log = '           ------(ab)--------B-|';

      const room = new DrawnRoom({ append$, turn$: cold('-t'), company$: cold('---c') });
      expectObservable(room.follow('a', fast)).toBe(anna);
      expectObservable(room.follow('b', fast)).toBe(bob);
      expectObservable(room.run(inlet)).toBe(log);
      expectSubscriptions(inlet.subscriptions).toBe(inletSubs);
      testScheduler.flush();
      expect(room.refused).to.deep.equal(['A']);
      expect(room.events.map(({ sequence }) => sequence)).to.deep.equal([1, 2, 3]);
    });
  });

  it('brings one who comes back between two messages all since he was last there, and each once [P3] [P11]', () => {
    testScheduler.run((helpers) => {
      const { hot, expectObservable, expectSubscriptions } = helpers;
      const { room, append } = roomOf(helpers);
      // First with nothing to be written, then between two messages of one group.
      const inlet = hot('     -(ab)----A-----q----(ApA)----B|');
      const appendSubs = [
        /*            */ '    ----^--!                       ',
        /*            */ '    ----------^--!                 ',
        /*            */ '    ---------------------^--!      ',
        /*            */ '    ------------------------------^--!',
      ];
      // Both had seen themselves join.
      const anna = '          -----------------------(bAAA)---B';
      const bob = '           ----------------A------(AA)-----B';
      const log = '           ------(ab)--A----------(AA)-----B|';

      expectObservable(room.followResumed('a', fast)).toBe(anna);
      expectObservable(room.followResumed('b', fast)).toBe(bob);
      expectObservable(room.run(inlet)).toBe(log);
      expectSubscriptions(append.subscriptions).toBe(appendSubs);
    });
  });

  it('goes on from what is durable when it is started anew after a failure, for all who follow [P1] [P3]', () => {
    testScheduler.run((helpers) => {
      const { cold, hot, expectObservable, expectSubscriptions } = helpers;
      const inlet = hot('     -(ab)----A----B----|');
      const inletSubs = [/*            */ '    ^-----------!       ', /*            */ '    ------------^------!'];
      const append$ = [cold('--k|'), cold('--#'), cold('--k|')];
      const anna = '          ------(ab)-------B--';
      const bob = '           ------(b)--------B--';
      const log = '           ------(ab)-------B-|';

      const room = new DrawnRoom({ append$, turn$: cold('-t'), company$: cold('---c') });
      const restarted = room.run(inlet).pipe(catchError(() => room.runAnew(inlet)));
      expectObservable(room.follow('a', fast)).toBe(anna);
      expectObservable(room.follow('b', fast)).toBe(bob);
      expectObservable(restarted).toBe(log);
      expectSubscriptions(inlet.subscriptions).toBe(inletSubs);
      testScheduler.flush();
      expect(room.events.map(({ sequence }) => sequence)).to.deep.equal([1, 2, 3]);
    });
  });
});
