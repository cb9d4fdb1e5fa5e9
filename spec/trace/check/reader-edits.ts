import type { RoomEvent } from '../../../lib/core/event.js';
import type { History, Step } from '../../../lib/trace/history/history.js';
import { change, finalLogs, type Mutation, type Pick, type Place, placesOf, put } from './mutation.js';

type Received = Place<'receive'>;

/** What the client receives next in the same room without a new connection in between. */
function next({ step, later }: Received): Extract<Step, { kind: 'receive' }> | undefined {
  const inRoom = later.find((one) => 'room' in one && one.room === step.room && ends.has(one.kind));
  return inRoom?.kind === 'receive' ? inRoom : undefined;
}

const ends = new Set<Step['kind']>(['receive', 'welcome', 'end']);

/** Receptions with another right after them, so that what is missing or early shows. */
function inside(history: History): Received[] {
  return placesOf(history, 'receive').filter((place) => next(place));
}

/** The first reception after a resume, or after a new join that fills in what was missed. */
function afterReturn(history: History, filled: boolean): Received[] {
  return inside(history).filter(({ step, earlier }) => {
    const before = earlier.findLast((one) => 'room' in one && one.room === step.room && ends.has(one.kind));
    return before?.kind === 'welcome' && before.continues && before.resumed !== filled && !followsStart(earlier);
  });
}

/** Whether the client's process has started again since it last received something. */
function followsStart(steps: readonly Step[]): boolean {
  return steps.findLastIndex(({ kind }) => kind === 'start') > steps.findLastIndex(({ kind }) => kind === 'receive');
}

/** Another event in one reader than in the log. */
function forked(title: string, alter: (event: RoomEvent) => RoomEvent | undefined): Mutation {
  const edit = (history: History, pick: Pick) => {
    const place = pick(placesOf(history, 'receive').filter(({ step }) => alter(step.event)));
    return change(history, place, ({ event }) => ({ event: alter(event) ?? event }));
  };
  return { title, kind: 'disagreement', edit };
}

/** Each breaks what one client received. */
export const readerEdits: readonly Mutation[] = [
  {
    title: 'two events swapped in one reader',
    kind: 'out-of-order',
    edit: (history, pick) => {
      const place = pick(inside(history));
      const following = place && next(place);
      if (!place || !following) return undefined;
      const later = place.later.map((one) => (one === following ? { ...following, event: place.step.event } : one));
      return put(history, { ...place, later }, { ...place.step, event: following.event });
    },
  },
  {
    title: 'an event that one reader was given again',
    kind: 'received-twice',
    edit: (history, pick) => {
      const place = pick(placesOf(history, 'receive'));
      return place && put(history, place, place.step, { ...place.step, clock: undefined });
    },
  },
  {
    title: 'an event that was given again much later',
    kind: 'received-twice',
    edit: (history, pick) => {
      const place = pick(inside(history));
      const following = place && next(place);
      if (!place || !following) return undefined;
      return put(
        history,
        {
          ...place,
          later: place.later.flatMap((one) =>
            one === following ? [following, { ...place.step, clock: undefined }] : one,
          ),
        },
        place.step,
      );
    },
  },
  {
    title: 'an event dropped in one reader',
    kind: 'gap',
    edit: (history, pick) => put(history, pick(inside(history))),
  },
  {
    title: 'a gap across a resume',
    kind: 'gap',
    edit: (history, pick) => put(history, pick(afterReturn(history, false))),
  },
  {
    title: 'a gap in what a new join should fill in from history',
    kind: 'gap',
    edit: (history, pick) => put(history, pick(afterReturn(history, true))),
  },
  forked('another text at a sequence', (event) =>
    event.kind === 'message' ? { ...event, text: 'forged' } : undefined,
  ),
  forked('another author at a sequence', (event) => ({ ...event, participant: 'Mallory' })),
  forked('another kind of event at a sequence', (event) => {
    const { sequence, lamport, timeMs, participant, chain } = event;
    return event.kind === 'joined' ? undefined : { kind: 'joined', sequence, lamport, timeMs, participant, chain };
  }),
  forked('another Lamport time at a sequence', (event) => ({ ...event, lamport: event.lamport + 1 })),
  forked('another chain at a sequence', (event) => ({ ...event, chain: 'ffffffffffffffff' })),
  forked('another wall-clock time at a sequence', (event) => ({ ...event, timeMs: event.timeMs + 1 })),
  forked('another ordinal at a sequence', (event) =>
    event.kind === 'message' ? { ...event, ordinal: event.ordinal + 1 } : undefined,
  ),
  forked('another reason of a Left', (event) => (event.kind === 'left' ? { ...event, reason: 'REMOVED' } : undefined)),
  {
    title: 'a log id that changes silently on a resume',
    kind: 'log-id-changed',
    before: ['no-joined'],
    edit: (history, pick) => {
      const place = pick(placesOf(history, 'welcome').filter(({ step }) => step.continues));
      return change(history, place, () => ({ logId: 'another' }));
    },
  },
  {
    title: 'a welcome to a place of another history',
    kind: 'place-disagrees',
    edit: (history, pick) => {
      const place = pick(placesOf(history, 'welcome').filter(({ step }) => !step.resumed));
      return change(history, place, ({ place: { sequence } }) => ({ place: { sequence, chain: 'ffffffffffffffff' } }));
    },
  },
  {
    title: 'a resume that goes on from another place',
    kind: 'resumed-elsewhere',
    edit: (history, pick) => {
      const place = pick(placesOf(history, 'welcome').filter(({ step }) => step.resumed && step.place.sequence > 1));
      const sequence = (place?.step.place.sequence ?? 0) - 1;
      const chain = finalLogs(history).find(({ room }) => room === place?.step.room)?.events[sequence - 1]?.chain ?? '';
      return change(history, place, () => ({ place: { sequence, chain } }));
    },
  },
  {
    title: 'a resume that goes on from another history',
    kind: 'resumed-elsewhere',
    edit: (history, pick) => {
      const place = pick(placesOf(history, 'welcome').filter(({ step }) => step.resumed));
      return change(history, place, ({ place: { sequence } }) => ({ place: { sequence, chain: 'ffffffffffffffff' } }));
    },
  },
  {
    title: 'a welcome whose first event is that of its own place',
    kind: 'out-of-order',
    edit: (history, pick) => {
      const place = pick(placesOf(history, 'welcome').filter(({ step }) => !step.continues && step.place.sequence > 0));
      const { room = '', place: { sequence } = { sequence: 0 } } = place?.step ?? {};
      const event = finalLogs(history).find((log) => log.room === room)?.events[sequence - 1];
      return place && event && put(history, place, place.step, { kind: 'receive', room, event });
    },
  },
  {
    title: 'an event that one reader was given and the log does not have',
    kind: 'received-lost',
    edit: (history, pick) => {
      const place = pick(
        placesOf(history, 'end').filter(
          ({ step, earlier }) => step.how === 'present' && reached(history, earlier, step.room),
        ),
      );
      const last = finalLogs(history)
        .find(({ room }) => room === place?.step.room)
        ?.events.at(-1);
      if (!place || !last) return undefined;
      const event = { ...last, sequence: last.sequence + 1, lamport: last.lamport + 1 };
      return put(history, place, { kind: 'receive', room: place.step.room, event }, place.step);
    },
  },
  {
    title: 'a reader that stopped early',
    kind: 'reader-behind',
    edit: (history, pick) => stoppedEarly(history, pick, 'present'),
  },
  {
    title: 'a reader that left and did not see its own Left',
    kind: 'reader-behind',
    edit: (history, pick) => stoppedEarly(history, pick, 'left'),
  },
  {
    title: 'a reader of which nobody knows how it ended',
    kind: 'reader-unknown',
    before: ['no-left'],
    edit: (history, pick) =>
      put(history, pick(placesOf(history, 'end').filter(({ earlier, step }) => letIn(earlier, step.room)))),
  },
  {
    title: 'a history in which nobody received anything',
    kind: 'nothing-recorded',
    edit: ({ outsiders }) => ({ clients: [], logs: [], outsiders }),
  },
];

function reached(history: History, steps: readonly Step[], room: string): boolean {
  const last = steps.findLast((step) => step.kind === 'receive' && step.room === room);
  const end = finalLogs(history).find((log) => log.room === room)?.newest;
  return last?.kind === 'receive' && last.event.sequence === end;
}

function letIn(steps: readonly Step[], room: string): boolean {
  return steps.some((step) => step.kind === 'welcome' && step.room === room);
}

/** Without the last reception of a client that ended as `how` says. */
function stoppedEarly(history: History, pick: Pick, how: string): History | undefined {
  const last = placesOf(history, 'receive').filter(({ step, later }) => {
    const after = later.find((one) => 'room' in one && one.room === step.room && ends.has(one.kind));
    // Where the client did something afterwards, its clock shows that it received more.
    return (
      after?.kind === 'end' && after.how === how && later.every(({ kind }) => kind === 'end' || kind === 'accepted')
    );
  });
  return put(history, pick(last));
}
