import type { RoomEvent } from '../../../lib/core/event.js';
import type { History, LogReading } from '../../../lib/trace/history/history.js';
import { finalLogs, type Mutation, type Pick, placesOf, withLog } from './mutation.js';

/** A log with an event somewhere inside. */
function inLog(
  history: History,
  pick: Pick,
  fits: (event: RoomEvent) => boolean = () => true,
): [LogReading, RoomEvent] | undefined {
  const candidates = finalLogs(history).flatMap((log) =>
    log.events.slice(1, -1).flatMap((event): [LogReading, RoomEvent][] => (fits(event) ? [[log, event]] : [])),
  );
  return pick(candidates);
}

/** The log as it would be had it ended before `sequence`, and `newest` said so. */
function endingBefore(reading: LogReading, sequence: number): LogReading {
  const events = reading.events.filter((event) => event.sequence < sequence);
  return { ...reading, events, newest: events.length };
}

function withoutReceived(history: History, room: string, sequence: number): History {
  const clients = history.clients.map((client) => ({
    ...client,
    steps: client.steps.filter(
      (step) => step.kind !== 'receive' || step.room !== room || step.event.sequence < sequence,
    ),
  }));
  return { ...history, clients };
}

/** What shows where a log lost its end: all that anybody knows of it. */
const lostEnd = [
  'no-joined',
  'place-disagrees',
  'no-left',
  'acknowledged-lost',
  'received-lost',
  'disagreement',
] as const;

/** Each breaks what was read of a log. */
export const logEdits: readonly Mutation[] = [
  {
    title: 'an acknowledged message that the log lost',
    kind: 'acknowledged-lost',
    before: lostEnd,
    edit: (history, pick) => {
      const answer = pick(placesOf(history, 'accepted'))?.step;
      const log = answer && finalLogs(history).find(({ room }) => room === answer.room);
      const sequence = answer?.event.sequence ?? 0;
      const cut = withLog(history, log, (reading) => [endingBefore(reading, sequence)]);
      return cut && withoutReceived(cut, answer?.room ?? '', sequence);
    },
  },
  {
    title: 'an acknowledged message in whose place the log has another event',
    kind: 'acknowledged-lost',
    before: ['forged-message'],
    edit: (history, pick) => {
      const answer = pick(placesOf(history, 'accepted'))?.step;
      const log = answer && finalLogs(history).find(({ room }) => room === answer.room);
      return withLog(history, log, (reading) => [
        {
          ...reading,
          events: reading.events.map((event) =>
            event.sequence === answer?.event.sequence
              ? ({ ...event, kind: 'left', participant: 'Mallory', reason: 'ASKED' } as RoomEvent)
              : event,
          ),
        },
      ]);
    },
  },
  {
    title: 'the events that everybody received and the log lost',
    kind: 'received-lost',
    before: lostEnd,
    edit: (history, pick) => {
      const [log, { sequence }] = inLog(history, pick) ?? [undefined, { sequence: 0 }];
      const all = placesOf(history, 'receive').some(
        ({ step }) => step.room === log?.room && step.event.sequence >= sequence,
      );
      return all ? withLog(history, log, (reading) => [endingBefore(reading, sequence)]) : undefined;
    },
  },
  {
    title: 'a log that was longer once',
    kind: 'log-shrunk',
    before: lostEnd,
    edit: (history, pick) => {
      const [log, { sequence }] = inLog(history, pick) ?? [undefined, { sequence: 0 }];
      const cut = withLog(history, log, (reading) =>
        reading === log ? [reading, endingBefore(reading, sequence)] : [reading],
      );
      return cut && withoutReceived(cut, log?.room ?? '', sequence);
    },
  },
  {
    title: 'a log that once had another event at a sequence',
    kind: 'log-changed',
    edit: (history, pick) => {
      const [log, changed] = inLog(history, pick) ?? [];
      return withLog(history, log, (reading) => {
        if (reading !== log) return [reading];
        const events = reading.events.map((event) =>
          event === changed ? { ...event, lamport: event.lamport + 1 } : event,
        );
        return [{ ...reading, events }, reading];
      });
    },
  },
  {
    title: 'a room that goes on in another log though nobody wiped its store',
    kind: 'log-replaced',
    edit: (history, pick) => {
      const log = pick(finalLogs(history));
      return log && { ...history, logs: [...history.logs, { ...log, logId: 'another', events: [], newest: 0 }] };
    },
  },
  {
    title: 'a log in which an event is missing',
    kind: 'log-gap',
    before: [
      'received-lost',
      'acknowledged-lost',
      'text-altered',
      'joined-twice',
      'no-joined',
      'no-left',
      'place-disagrees',
    ],
    edit: (history, pick) => {
      const [log, missing] = inLog(history, pick) ?? [];
      return withLog(history, log, (reading) => [
        { ...reading, events: reading.events.filter((event) => event !== missing) },
      ]);
    },
  },
  {
    title: 'a log whose chain is not that of its history',
    kind: 'chain-broken',
    before: ['disagreement', 'place-disagrees'],
    edit: (history, pick) => {
      const [log, broken] = inLog(history, pick) ?? [];
      return withLog(history, log, (reading) => [
        {
          ...reading,
          events: reading.events.map((event) => (event === broken ? { ...event, chain: 'ffffffffffffffff' } : event)),
        },
      ]);
    },
  },
  {
    title: 'a log that was not read to its end',
    kind: 'log-incomplete',
    edit: (history, pick) => {
      const [log, { sequence }] = inLog(history, pick) ?? [undefined, { sequence: 0 }];
      return withLog(history, log, (reading) =>
        reading === log ? [{ ...endingBefore(reading, sequence), newest: reading.newest }] : [],
      );
    },
  },
  {
    title: 'a log that was not read from its beginning',
    kind: 'log-incomplete',
    before: ['left-without-joined', 'spoke-outside', 'forged-message', 'no-joined'],
    edit: (history, pick) =>
      withLog(history, pick(finalLogs(history).filter(({ newest }) => newest > 1)), (reading) => [
        { ...reading, events: reading.events.slice(1) },
      ]),
  },
  {
    title: 'a room whose log was not read',
    kind: 'log-missing',
    edit: (history, pick) => {
      const log = pick(
        finalLogs(history).filter(({ room }) => placesOf(history, 'welcome').some(({ step }) => step.room === room)),
      );
      return withLog(history, log, () => []);
    },
  },
];
