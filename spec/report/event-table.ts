import { crossed } from '../../lib/core/event.js';
import { stepsOf } from './clock-steps.js';
import { said, table } from './markdown-text.js';
import type { ReceivedEvent, RunLogs } from './run-logs.js';

/** The room's events with their logical times, and what their authors' logs say of their sending. */
export function eventTable(logs: RunLogs): string {
  const events = table(
    ['event', 'Lamport time', 'what everybody was told', 'author’s clock when sending', 'author had seen'],
    logs.events.map((event) => [
      `${event.sequence}`,
      `**${event.lamport}**`,
      sentence(event),
      `${sendTime(logs, event) ?? '–'}`,
      seen(logs, event),
    ]),
  );
  const newest = logs.events.at(-1);
  return `${events}\n\nChain after event ${newest?.sequence}: \`${newest?.chain}\`.`;
}

function sentence({ kind, participant, text, reason }: ReceivedEvent): string {
  if (kind === 'message') return `${participant}: ${said(text ?? '')}`;
  return kind === 'left' ? `${participant} left (${reason})` : `${participant} joined`;
}

function seen({ events }: RunLogs, event: ReceivedEvent): string {
  const { seen } = event;
  if (seen === undefined) return '';
  const flown = events.filter((other) => other.kind === 'message' && crossed(other, { ...event, seen }));
  return [`${seen}`, ...flown.map(({ sequence }) => `~ crossed ${sequence}`)].join(' ');
}

/** The author's Lamport time of the send, by its own log; undefined of a leave that nobody asked for. */
function sendTime(logs: RunLogs, event: ReceivedEvent): number | undefined {
  const sent = { joined: 'connect', message: 'send', left: 'send-leave' }[event.kind];
  const isIts = (record: { event: string; ordinal?: number }) =>
    record.event === sent && record.ordinal === event.ordinal;
  return stepsOf(logs, event.participant).find(({ record }) => isIts(record))?.after;
}
