import { crossed } from '../../lib/core/event.js';
import { type ClockStep, stepsOf } from './clock-steps.js';
import { said, table } from './markdown-text.js';
import { isReceipt, type ReceivedEvent, type RunLogs } from './run-logs.js';

/** The first two messages of the run that crossed in flight, reckoned step by step from the logs [H3]. */
export function workedExample(logs: RunLogs): string {
  const [earlier, later] = crossedPair(logs.events);
  const room = (event: ReceivedEvent) =>
    logs.events.find(({ sequence }) => sequence === event.sequence - 1)?.lamport ?? 0;
  const [one, other] = [earlier, later].map((event) => sending(logs, event)) as [ClockStep, ClockStep];
  const stamp = (event: ReceivedEvent, send: ClockStep) => [
    `the room stamps it, as event ${event.sequence}`,
    `max(${room(event)}, ${send.after}) + 1`,
    `**${event.lamport}**`,
  ];
  const steps = [
    sendRow(one, earlier),
    stamp(earlier, one),
    sendRow(other, later),
    stamp(later, other),
    ...[earlier, later].flatMap((author) =>
      [earlier, later].map((event) => receiptRow(logs, author.participant, event)),
    ),
  ];
  return [
    table(
      ['', 'what happens', 'sum', 'time'],
      steps.map((step, index) => [`${index + 1}`, ...step]),
    ),
    '',
    moral(earlier, one, later, other),
  ].join('\n');
}

function crossedPair(events: readonly ReceivedEvent[]): [ReceivedEvent, ReceivedEvent] {
  const messages = events.filter(({ kind }) => kind === 'message');
  for (const later of messages) {
    const earlier = messages.find((event) => crossed(event, { ...later, seen: later.seen ?? 0 }));
    if (earlier) return [earlier, later];
  }
  throw new Error('no two messages of this run crossed in flight');
}

function sending(logs: RunLogs, { participant, ordinal }: ReceivedEvent): ClockStep {
  const step = stepsOf(logs, participant).find(({ record }) => record.event === 'send' && record.ordinal === ordinal);
  if (!step) throw new Error(`${participant}'s log does not have the sending of its message ${ordinal}`);
  return step;
}

function sendRow({ before, after }: ClockStep, { participant, text, seen }: ReceivedEvent): string[] {
  return [
    `${participant}, shown everything up to event ${seen}, sends “${said(text ?? '')}”`,
    `${before} + 1`,
    `**${after}**`,
  ];
}

function receiptRow(logs: RunLogs, participant: string, event: ReceivedEvent): string[] {
  const step = stepsOf(logs, participant).find(({ record }) => isReceipt(record) && record.sequence === event.sequence);
  if (!step) throw new Error(`${participant}'s log does not have the receipt of event ${event.sequence}`);
  return [
    `${participant} receives event ${event.sequence}`,
    `max(${step.before}, ${event.lamport}) + 1`,
    `**${step.after}**`,
  ];
}

function moral(earlier: ReceivedEvent, one: ClockStep, later: ReceivedEvent, other: ClockStep): string {
  const [a, b] = [earlier.participant, later.participant];
  const order = `In the room ${a}’s message is event ${earlier.sequence} and ${b}’s event ${later.sequence}, for everybody.`;
  if (one.after === other.after) {
    return `Both messages were sent at the Lamport time ${one.after}, one at ${a} and one at ${b}: by these times nobody can put them in an order. ${order}`;
  }
  return `${a} sent at the Lamport time ${one.after} and ${b} at ${other.after}, and neither knew of the other: which of these numbers is smaller says nothing of which was first. ${order}`;
}
