import type { ClientLogRecord } from '../../../../lib/codec/log-records.js';
import { LogStanding } from '../../../../lib/codec/log-standing.js';
import type { ClientHistory, Step } from '../../../../lib/trace/history/history.js';

/** The lines of the log that a client would have written which went through this; without its end where it is not to be told. */
export function linesOf({ client, steps }: ClientHistory): string[] {
  const writer = { name: 'chit-client', component: 'client', hostname: 'simulated', level: 30 };
  const latest = new Map<string, Pick<Extract<Step, { kind: 'welcome' }>, 'session' | 'logId'>>();
  const told = (step: Step): object[] => {
    if (step.kind === 'welcome') latest.set(step.room, { session: step.session, logId: step.logId });
    const resumes = step.kind === 'join' && step.resume;
    return recordsOf(step).map((record) => ({ ...record, ...(resumes && latest.get(step.room)) }));
  };
  const records: object[] = [{ event: 'begin', clock: 0 }, ...steps.flatMap(told)];
  let pid = 0;
  return records.map((record) => {
    if ('event' in record && record.event === 'begin') pid += 1;
    const time = new Date(1_700_000_000_000 + pid).toISOString();
    return JSON.stringify({ ...writer, pid, participant: client, ...record, time, v: 0 });
  });
}

/** A client's lines as the parts of a rotated log, which have so many of them, and the last the rest: all but the first begin with where it stands. */
export function partsOf(lines: readonly string[], sizes: readonly number[]): string[][] {
  const standing = new LogStanding();
  const rest = [...lines];
  return [...sizes, lines.length].map((size) => {
    const written = rest.splice(0, size);
    const { pid, hostname, time } = JSON.parse(written[0] ?? lines.at(-1) ?? '{}');
    const head = standing.parts.map((part) =>
      JSON.stringify({ name: 'chit-client', component: 'client', pid, hostname, event: 'part', ...part, time }),
    );
    for (const line of written) standing.note(JSON.parse(line) as ClientLogRecord);
    return [...head, ...written];
  });
}

/** The records that say so: docs/operations.md, "Log records". What only the history knows no record says. */
function recordsOf(step: Step): object[] {
  switch (step.kind) {
    case 'start':
      return [{ event: 'begin', clock: step.clock }];
    case 'join': {
      const { room, name: participant, lamport, resume } = step;
      return [{ event: resume ? 'resume' : 'connect', room, participant, lamport, ...resume }];
    }
    case 'join-refused':
      return [{ event: 'join-refused', room: step.room, reason: step.reason }];
    case 'welcome': {
      const { kind: _, place, ...fields } = step;
      return [{ event: 'welcome', ...fields, ...place }];
    }
    case 'receive': {
      const { room, event, clock, filled } = step;
      return [{ event: 'receive', ...event, room, clock, ...(filled && { filled }) }];
    }
    case 'send': {
      const { room, session, ordinal, text, lamport, seen } = step;
      return [{ event: 'send', room, session, ordinal, text, lamport, seen }];
    }
    case 'accepted': {
      const { room, ordinal, event, duplicate } = step;
      return duplicate ? [] : [{ event: 'accepted', room, ordinal, sequence: event.sequence }];
    }
    case 'refused': {
      const { room, session, ordinal, reason } = step;
      return [{ event: 'refused', room, session, ordinal, reason }];
    }
    case 'unknown':
      return [{ event: 'no-answer', room: step.room, ordinal: step.ordinal }];
    case 'leave':
      return [
        { event: step.lamport === undefined ? 'half-close' : 'send-leave', room: step.room, lamport: step.lamport },
      ];
    case 'offline':
      return [{ event: 'offline', room: step.room, reason: step.reason }];
    case 'end':
      if (step.how === 'present' || step.how === 'lost') return [];
      return [{ event: 'disconnect', room: step.room, ...(step.how === 'left' && { left: 'ASKED' }) }];
    case 'place':
    case 'part':
      return [];
  }
}
