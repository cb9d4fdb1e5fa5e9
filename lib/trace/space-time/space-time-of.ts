import type { LogBundle } from '../history/logs/log-bundle.js';
import { askings } from './asking.js';
import { ClientLine } from './client-line.js';
import { Doubts } from './doubts.js';
import { giveLevels } from './levels.js';
import { built, type LifelineBuilder } from './moment-builder.js';
import { RoomLines } from './room-line.js';
import { ServerLines } from './server-lines.js';
import type { SpaceTime } from './space-time.js';

/**
 * The space-time of a run, as its logs tell it. Logs that contradict themselves or each other have one, too: what cannot be is left
 * out and told among the doubts. Takes time in proportion to the run, but for sorting.
 */
export function spaceTimeOf(bundle: LogBundle): SpaceTime {
  const { logs, history, sessions, publishes } = bundle.evidence;
  const doubts = new Doubts();
  const rooms = new RoomLines(logs.perRoom(), new ServerLines(bundle.server));
  const around = { bundle, rooms, doubts };
  const people = history.clients.map((record, index) => new ClientLine(record, rooms.all.length + index, around));

  const asked = askings(sessions, publishes);
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

function inOrder(lines: readonly LifelineBuilder[], doubts: Doubts): SpaceTime {
  for (const [index, { moments }] of lines.entries()) for (const moment of moments) moment.lifeline = index;
  const builders = lines
    .flatMap(({ moments }) => moments)
    .sort((a, b) => a.level - b.level || a.lifeline - b.lifeline || a.position - b.position);
  for (const [index, builder] of builders.entries()) builder.index = index;
  const lifelines = lines.map(({ kind, name }) => ({ kind, name }));
  return { lifelines, moments: builders.map(built), doubts: doubts.all(lifelines) };
}
