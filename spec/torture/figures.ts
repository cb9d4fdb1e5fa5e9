import type { History } from '../../lib/trace/history/history.js';

/** What happened, in numbers. */
export interface Figures {
  readonly rooms: number;
  /** In the logs. */
  readonly events: number;
  /** By all clients together. */
  readonly received: number;
  /** Of those, read by ReadHistory after a gap. */
  readonly filled: number;
  readonly accepted: number;
  readonly refused: number;
  /** Sendings without an answer. */
  readonly unknown: number;
  readonly joins: number;
  readonly resumes: number;
  /** Joins and resumes after each client's first one in a room. */
  readonly reconnects: number;
}

export function figuresOf({ clients, logs }: History): Figures {
  const counts = { received: 0, filled: 0, accepted: 0, refused: 0, unknown: 0, joins: 0, resumes: 0, reconnects: 0 };
  for (const { steps } of clients) {
    const known = new Set<string>();
    for (const step of steps) {
      if (step.kind === 'receive') {
        counts.received += 1;
        if (step.filled) counts.filled += 1;
      } else if (step.kind === 'accepted' || step.kind === 'refused' || step.kind === 'unknown') {
        counts[step.kind] += 1;
      } else if (step.kind === 'welcome') {
        counts[step.resumed ? 'resumes' : 'joins'] += 1;
        if (known.has(step.room)) counts.reconnects += 1;
        known.add(step.room);
      }
    }
  }
  return { rooms: logs.length, events: logs.reduce((sum, { events }) => sum + events.length, 0), ...counts };
}
