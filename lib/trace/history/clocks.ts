import type { JoinStep, LeaveStep, ReceiveStep, SendStep, StartStep, Step } from './history.js';

/** A step at which a client's time is not what Lamport's rules make of the time before (1978, IR1 and IR2). */
export interface ClockFault {
  readonly step: JoinStep | SendStep | LeaveStep | ReceiveStep;
  /** The client's time before, and the step that set it. */
  readonly own: number;
  readonly by: Step | undefined;
  /** What its time is, and what it becomes by the rule. */
  readonly time: number;
  readonly due: number;
}

/** Follows the clock of one client along its steps. The rules are said here once more, independently of `lib/core`. */
export class ClientClock {
  readonly faults: ClockFault[] = [];
  #own = 0;
  /** False where an event was taken in without a record of the clock: `#own` is then the least it can be. */
  #exact: boolean;
  /** What set it. */
  #by: Step | undefined;

  constructor(beginsLate: boolean) {
    this.#exact = !beginsLate;
  }

  start(step: StartStep): void {
    this.#set(step.clock, step);
  }

  send(step: JoinStep | SendStep | LeaveStep): void {
    if (step.lamport !== undefined) this.#move(step, step.lamport, this.#own + 1);
  }

  receive(step: ReceiveStep): void {
    const { event, clock, filled } = step;
    const due = Math.max(this.#own, event.lamport) + 1;
    if (clock !== undefined) {
      this.#move(step, clock, due);
      return;
    }
    if (!filled) this.#own = due;
    this.#exact = false;
  }

  #move(step: ClockFault['step'], time: number, due: number): void {
    if (this.#exact ? time !== due : time < due) this.faults.push({ step, own: this.#own, by: this.#by, time, due });
    this.#set(time, step);
  }

  #set(time: number, by: Step): void {
    this.#own = time;
    this.#by = by;
    this.#exact = true;
  }
}
