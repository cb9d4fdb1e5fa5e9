import { receive, tick } from '../../../core/clock.js';
import type { Evidence } from '../../history/evidence.js';
import type { ClientRecord, JoinStep, LeaveStep, ReceiveStep, SendStep, Step } from '../../history/history.js';
import type { Findings } from '../findings.js';
import { told } from '../violation.js';

/** P7 on the clients' side: own time plus one before a send, max(own, received) + 1 on an event, where clocks are recorded. */
export function clientClocks({ history }: Evidence, findings: Findings): void {
  for (const record of history.clients) if (record.keepsClock) new OwnClock(record, findings).follow();
}

class OwnClock {
  readonly #record: ClientRecord;
  readonly #findings: Findings;
  #own = 0;
  /** False where an event was taken in without a record of the clock: `#own` is then the least it can be. */
  #exact: boolean;
  /** What set it. */
  #by: Step | undefined;

  constructor(record: ClientRecord, findings: Findings) {
    this.#record = record;
    this.#exact = !record.beginsLate;
    this.#findings = findings;
  }

  follow(): void {
    for (const step of this.#record.steps) {
      if (step.kind === 'start') this.#set(step.clock, step);
      else if (step.kind === 'receive') this.#receive(step);
      else if (step.kind === 'join' || step.kind === 'send' || step.kind === 'leave') {
        if (step.lamport !== undefined) this.#send(step, step.lamport);
      }
    }
  }

  #send(step: JoinStep | SendStep | LeaveStep, lamport: number): void {
    const due = tick(this.#own);
    if (this.#exact ? lamport !== due : lamport < due) {
      const { client } = this.#record;
      const what = whatIsSent(step);
      const message = `${client}'s Lamport time was ${this.#own} when it sent ${what} with ${lamport}: it ticks to ${due} first.`;
      this.#findings.add('clock-not-ticked', step.room, { client }, message, this.#exhibits(step));
    }
    this.#set(lamport, step);
  }

  #receive(step: ReceiveStep): void {
    const { room, event, clock, filled } = step;
    const due = receive(this.#own, event.lamport);
    if (clock === undefined) {
      this.#own = filled ? this.#own : due;
      this.#exact = false;
      return;
    }
    if (this.#exact ? clock !== due : clock < due) {
      const { client } = this.#record;
      const message =
        `${client}'s Lamport time was ${this.#own} when it received ${told(event)} with ${event.lamport}, and ${clock} ` +
        `afterwards: it becomes ${due}.`;
      this.#findings.add(
        'clock-not-advanced',
        room,
        { sequence: event.sequence, client },
        message,
        this.#exhibits(step),
      );
    }
    this.#set(clock, step);
  }

  #exhibits(step: Step): Step[] {
    return this.#by ? [step, this.#by] : [step];
  }

  #set(time: number, by: Step): void {
    this.#own = time;
    this.#by = by;
    this.#exact = true;
  }
}

function whatIsSent(step: JoinStep | SendStep | LeaveStep): string {
  return step.kind === 'send' ? `“${step.text}”` : `a ${step.kind}`;
}
