import type { Run } from '../history/logs/run.js';
import { Publishes } from '../history/publishes.js';
import { RoomLogs } from '../history/room-log.js';
import { sessionsOf } from '../history/sessions.js';
import { askings } from './asking.js';
import { ClientLine } from './client-line.js';
import { Doubts } from './doubts.js';
import { type DraftLine, settled } from './draft.js';
import { giveLevels } from './levels.js';
import { RoomLines } from './room-line.js';
import { ServerLines } from './server-lines.js';
import type { SpaceTime } from './space-time.js';

/**
 * The space-time of a run, as its logs tell it. Logs that contradict themselves or each other have one, too: what cannot be is left
 * out and told among the doubts. Takes time in proportion to the run, but for sorting.
 */
export function spaceTimeOf(run: Run): SpaceTime {
  const { clients, logs: readings } = run.history;
  const logs = new RoomLogs(readings);
  const sessions = sessionsOf(clients, logs);
  const doubts = new Doubts();
  const rooms = new RoomLines(logs.perRoom(), new ServerLines(run));
  const around = { run, rooms, doubts };
  const people = clients.map((record, index) => new ClientLine(record, rooms.all.length + index, around));

  const asked = askings(sessions, new Publishes(clients, sessions));
  const moments = new Map(people.flatMap((line) => [...line.askings]));
  for (const { moments: stamps } of rooms.all) {
    for (const stamp of stamps) {
      const step = stamp.event && asked.get(stamp.event);
      stamp.cause = step && moments.get(step);
    }
  }
  giveLevels([...rooms.all, ...people], doubts);
  return inOrder([...rooms.all, ...byFirstHeardOf(rooms, people)], doubts);
}

/** Clients in the order of the first thing that each had stamped; those of whom no room heard come last. */
function byFirstHeardOf(rooms: RoomLines, people: readonly ClientLine[]): ClientLine[] {
  const first = new Map<number, number>();
  for (const { moments } of rooms.all) {
    for (const { cause, level } of moments) {
      if (cause) first.set(cause.lifeline, Math.min(first.get(cause.lifeline) ?? level, level));
    }
  }
  const heardOf = ({ moments }: ClientLine) => first.get(moments[0]?.lifeline ?? -1) ?? Number.MAX_VALUE;
  return people.toSorted((a, b) => heardOf(a) - heardOf(b));
}

function inOrder(lines: readonly DraftLine[], doubts: Doubts): SpaceTime {
  for (const [index, { moments }] of lines.entries()) for (const moment of moments) moment.lifeline = index;
  const drafts = lines
    .flatMap(({ moments }) => moments)
    .sort((a, b) => a.level - b.level || a.lifeline - b.lifeline || a.position - b.position);
  for (const [index, draft] of drafts.entries()) draft.index = index;
  const lifelines = lines.map(({ kind, name }) => ({ kind, name }));
  return { lifelines, moments: drafts.map(settled), doubts: doubts.told(lifelines) };
}
