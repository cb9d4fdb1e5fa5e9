import type { Step, StepFollower, StepOf } from './history.js';

/** A step at which a client's time is not what Lamport's rules make of the time before (1978, IR1 and IR2). */
export interface ClockFault {
  readonly step: StepOf<'join' | 'send' | 'leave' | 'receive'>;
  /** The client's time before, and the step that set it. */
  readonly own: number;
  readonly by: Step | undefined;
  /** What its time is, and what it becomes by the rule. */
  readonly time: number;
  readonly due: number;
}

/** Follows the clock of one client along its steps. The rules are said here once more, independently of `lib/core`. */
export function followClock(beginsLate: boolean, faults: ClockFault[]): StepFollower {
  let own = 0;
  /** False where an event was taken in without a record of the clock: `own` is then the least it can be. */
  let exact = !beginsLate;
  /** What set it. */
  let by: Step | undefined;
  const set = (time: number, step: Step) => {
    [own, by, exact] = [time, step, true];
  };
  const move = (step: ClockFault['step'], time: number, due: number) => {
    if (exact ? time !== due : time < due) faults.push({ step, own, by, time, due });
    set(time, step);
  };
  const send = (step: StepOf<'join' | 'send' | 'leave'>) => {
    if (step.lamport !== undefined) move(step, step.lamport, own + 1);
  };
  return {
    start: (step) => set(step.clock, step),
    part: (step) => set(step.clock, step),
    join: send,
    send,
    leave: send,
    receive: (step) => {
      const { event, clock, filled } = step;
      const due = Math.max(own, event.lamport) + 1;
      if (clock !== undefined) return move(step, clock, due);
      if (!filled) own = due;
      exact = false;
    },
  };
}
