import { expect } from 'chai';
import { type ObservableInput, Subject, tap } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { inGroups } from '../../../lib/server/room/in-groups.js';

/**
 * In the drawings a capital is urgent (a message), a small letter is not (a join, a leave). Each group's work has its own
 * line, and emits its own digit.
 */
describe('inGroups', () => {
  let testScheduler: TestScheduler;

  beforeEach(() => {
    testScheduler = new TestScheduler((actual, expected) => {
      expect(actual).to.deep.equal(expected);
    });
  });

  /** Works `{ ab: … }` for the group of a and b; a group that the test does not expect fails it. */
  function workOf(works: Record<string, ObservableInput<string>>) {
    return (group: readonly string[]) => {
      const work = works[group.join('')];
      if (!work) throw new Error(`no such group was expected: ${group.join('')}`);
      return work;
    };
  }

  const urgent = (value: string) => value === value.toUpperCase();
  const groupMax = 3;

  it('makes what arrives while a group is in work the next group, in order [P6]', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -A-B-C-------------|');
      const sourceSubs = '    ^------------------!';
      const turn = cold('      -t                 ');
      const turnSubs = [/*             */ '    -^!                ', /*             */ '    --------^!         '];
      const a = cold('          -----1|           ');
      const aSubs = '         --^-----!           ';
      const bc = cold('                --2|       ');
      const bcSubs = '        ---------^--!       ';
      const expected = '      -------1---2-------|';

      const company = cold('  c');
      const work = workOf({ A: a, BC: bc });
      const result = source.pipe(inGroups(work, { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(turn.subscriptions).toBe(turnSubs);
      expectSubscriptions(a.subscriptions).toBe(aSubs);
      expectSubscriptions(bc.subscriptions).toBe(bcSubs);
      expectSubscriptions(company.subscriptions).toBe([]);
    });
  });

  it('lets values that are not urgent wait for company', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -a--b---------c--------|');
      const sourceSubs = '    ^----------------------!';
      const company = cold('   -----c                 ');
      const companySubs = [
        /*             */ '    -^----!                ',
        /*             */ '    --------------^----!   ',
      ];
      const ab = cold('             -1|               ');
      const abSubs = '        ------^-!               ';
      const c = cold('                           -2|  ');
      const cSubs = '         -------------------^-!  ';
      const expected = '      -------1------------2--|';

      const turn = cold('     t');
      const work = workOf({ ab, c });
      const result = source.pipe(inGroups(work, { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(company.subscriptions).toBe(companySubs);
      expectSubscriptions(ab.subscriptions).toBe(abSubs);
      expectSubscriptions(c.subscriptions).toBe(cSubs);
      expectSubscriptions(turn.subscriptions).toBe([]);
    });
  });

  it('ends the wait for company with the first urgent value, and takes those before it along', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -a--B---------|');
      const sourceSubs = '    ^-------------!';
      const company = cold('   --------c     ');
      const companySubs = '   -^--!          ';
      const turn = cold('         -t         ');
      const turnSubs = '      ----^!         ';
      const aB = cold('            --1|      ');
      const aBSubs = '        -----^--!      ';
      const expected = '      -------1------|';

      const work = workOf({ aB });
      const result = source.pipe(inGroups(work, { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(company.subscriptions).toBe(companySubs);
      expectSubscriptions(turn.subscriptions).toBe(turnSubs);
      expectSubscriptions(aB.subscriptions).toBe(aBSubs);
    });
  });

  it('waits for one turn however many urgent values come in it', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -(AB)-----|');
      const turn = cold('      ---t      ');
      const turnSubs = '      -^--!      ';
      const ab = cold('           1|     ');
      const abSubs = '        ----^!     ';
      const expected = '      ----1-----|';

      const company = cold('  c');
      const work = workOf({ AB: ab });
      const result = source.pipe(inGroups(work, { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result).toBe(expected);
      expectSubscriptions(turn.subscriptions).toBe(turnSubs);
      expectSubscriptions(ab.subscriptions).toBe(abSubs);
    });
  });

  it('waits for nothing once a group is full, and lets no group be larger [P12]', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -(abcd)-------------|');
      const sourceSubs = '    ^-------------------!';
      const company = cold('   ------c             ');
      const companySubs = [/*             */ '    -(^!)               ', /*             */ '    ----^-----!         '];
      const abc = cold('       --1|                ');
      const abcSubs = '       -^--!                ';
      const d = cold('                   --2|      ');
      const dSubs = '         ----------^--!       ';
      const expected = '      ---1--------2-------|';

      const turn = cold('     t');
      const work = workOf({ abc, d });
      const result = source.pipe(inGroups(work, { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(company.subscriptions).toBe(companySubs);
      expectSubscriptions(abc.subscriptions).toBe(abcSubs);
      expectSubscriptions(d.subscriptions).toBe(dSubs);
    });
  });

  it('goes on with the next full group in the moment a group is done', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -(ABCDEFGH)--------------|');
      const turn = cold('                  ---t        ');
      const abc = cold('       --1|                     ');
      const abcSubs = '       -^--!                     ';
      const def = cold('          --2|                  ');
      const defSubs = '       ----^--!                  ';
      const gh = cold('                 --3|            ');
      const ghSubs = '        ----------^--!            ';
      const expected = '      ---1--2-----3------------|';

      const company = cold('  c');
      const work = workOf({ ABC: abc, DEF: def, GH: gh });
      const result = source.pipe(inGroups(work, { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result).toBe(expected);
      expectSubscriptions(abc.subscriptions).toBe(abcSubs);
      expectSubscriptions(def.subscriptions).toBe(defSubs);
      expectSubscriptions(gh.subscriptions).toBe(ghSubs);
    });
  });

  it('works off what waits when the source completes, without waiting longer', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -a-b|         ');
      const sourceSubs = '    ^---!         ';
      const company = cold('   ---------c   ');
      const companySubs = '   -^--!         ';
      const ab = cold('           --1|      ');
      const abSubs = '        ----^--!      ';
      const expected = '      ------1|      ';

      const turn = cold('     t');
      const work = workOf({ ab });
      const result = source.pipe(inGroups(work, { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(company.subscriptions).toBe(companySubs);
      expectSubscriptions(ab.subscriptions).toBe(abSubs);
      expectSubscriptions(turn.subscriptions).toBe([]);
    });
  });

  it('completes only when all groups that waited behind one in work are done', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -A-(bCdE)|             ');
      const sourceSubs = '    ^--------!             ';
      const turn = cold('      -t                    ');
      const turnSubs = '      -^!                    ';
      const a = cold('          ----------1|         ');
      const aSubs = '         --^----------!         ';
      const bcd = cold('                    --2|     ');
      const bcdSubs = '       -------------^--!      ';
      const e = cold('                         --3|  ');
      const eSubs = '         ----------------^--!   ';
      const expected = '      ------------1--2--3|   ';

      const company = cold('  c');
      const work = workOf({ A: a, bCd: bcd, E: e });
      const result = source.pipe(inGroups(work, { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(turn.subscriptions).toBe(turnSubs);
      expectSubscriptions(a.subscriptions).toBe(aSubs);
      expectSubscriptions(bcd.subscriptions).toBe(bcdSubs);
      expectSubscriptions(e.subscriptions).toBe(eSubs);
      expectSubscriptions(company.subscriptions).toBe([]);
    });
  });

  it('completes with a source that has nothing', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    ---|');
      const sourceSubs = '    ^--!';
      const expected = '      ---|';

      const [turn, company] = [cold('t'), cold('c')];
      const result = source.pipe(inGroups(workOf({}), { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(turn.subscriptions).toBe([]);
      expectSubscriptions(company.subscriptions).toBe([]);
    });
  });

  it('drops what waits and what is in work when the source errors', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -A--B--#     ');
      const sourceSubs = '    ^------!     ';
      const turn = cold('      -t          ');
      const turnSubs = '      -^!          ';
      const a = cold('          ---1-----2|');
      const aSubs = '         --^----!     ';
      const expected = '      -----1-#     ';

      const company = cold('  c');
      const work = workOf({ A: a });
      const result = source.pipe(inGroups(work, { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(turn.subscriptions).toBe(turnSubs);
      expectSubscriptions(a.subscriptions).toBe(aSubs);
    });
  });

  it('ends its wait when the source errors', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -a--B--#     ');
      const company = cold('   --------c   ');
      const companySubs = '   -^--!        ';
      const turn = cold('         -----t   ');
      const turnSubs = '      ----^--!     ';
      const expected = '      -------#     ';

      const result = source.pipe(inGroups(workOf({}), { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result).toBe(expected);
      expectSubscriptions(company.subscriptions).toBe(companySubs);
      expectSubscriptions(turn.subscriptions).toBe(turnSubs);
    });
  });

  it('errors with its work, and takes nothing more from the source', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -A-B---C-----|');
      const sourceSubs = '    ^----!        ';
      const turn = cold('      -t          ');
      const turnSubs = '      -^!          ';
      const a = cold('          ---#        ');
      const aSubs = '         --^--!        ';
      const expected = '      -----#        ';

      const company = cold('  c');
      const work = workOf({ A: a });
      const result = source.pipe(inGroups(work, { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(turn.subscriptions).toBe(turnSubs);
      expectSubscriptions(a.subscriptions).toBe(aSubs);
    });
  });

  it('errors with what its work throws instead of leaving it to nobody', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -A-----B-----|');
      const sourceSubs = '    ^-!           ';
      const turn = cold('      -t          ');
      const expected = '      --#           ';

      const company = cold('  c');
      const work = () => {
        throw 'error';
      };
      const result = source.pipe(inGroups(work, { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
    });
  });

  it('lets go of source, turn and work when it is unsubscribed', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -A--B---------|');
      const sourceSubs = '    ^--------!     ';
      const turn = cold('      -----t       ');
      const turnSubs = '      -^----!        ';
      const ab = cold('             -1-----2|');
      const abSubs = '        ------^--!     ';
      const unsub = '         ---------!     ';
      const expected = '      -------1--     ';

      const company = cold('  c');
      const work = workOf({ AB: ab });
      const result = source.pipe(inGroups(work, { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result, unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(turn.subscriptions).toBe(turnSubs);
      expectSubscriptions(ab.subscriptions).toBe(abSubs);
    });
  });

  it('lets go of a wait, for company or for the turn, when it is unsubscribed', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -a------B-----|');
      const company = cold('   ------------c ');
      const companySubs = [/*             */ '    -^---!         ', /*             */ '    -^------!      '];
      const turn = cold('             -----t ');
      const turnSubs = '      --------^-!    ';
      const soon = '          -----!         ';
      const later = '         ----------!    ';
      const expected = '      -----------    ';

      const result = source.pipe(inGroups(workOf({}), { groupMax, urgent, turn$: turn, company$: company }));

      expectObservable(result, soon).toBe(expected);
      expectObservable(result, later).toBe(expected);
      expectSubscriptions(company.subscriptions).toBe(companySubs);
      expectSubscriptions(turn.subscriptions).toBe(turnSubs);
    });
  });

  it('puts what is sent from within the delivery of a result into the next group', () => {
    testScheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -A------------|');
      const turn = cold('      --t          ');
      const turnSubs = [/*             */ '    -^-!          ', /*             */ '    ------^-!     '];
      const a = cold('           --1|        ');
      const aSubs = '         ---^--!        ';
      const bc = cold('               --2|   ');
      const bcSubs = '        --------^--!   ';
      const expected = '      -----1----2---|';

      const company = cold('  c');
      const inlet = new Subject<string>();
      source.subscribe(inlet);
      const work = workOf({ A: a, BC: bc });
      const result = inlet.pipe(
        inGroups(work, { groupMax, urgent, turn$: turn, company$: company }),
        tap((digit) => {
          if (digit !== '1') return;
          inlet.next('B');
          inlet.next('C');
        }),
      );

      expectObservable(result).toBe(expected);
      expectSubscriptions(turn.subscriptions).toBe(turnSubs);
      expectSubscriptions(a.subscriptions).toBe(aSubs);
      expectSubscriptions(bc.subscriptions).toBe(bcSubs);
    });
  });
});
