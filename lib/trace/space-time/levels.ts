import type { Doubts } from './doubts.js';
import type { LifelineBuilder, MomentBuilder } from './moment-builder.js';

/**
 * Gives each moment its level (see Moment), which makes the order by level a linear extension of causality. Where a cause cannot be
 * one, because it would lie in its own effect's future or has the last time that can be told, it is taken away. Takes time in proportion
 * to the moments.
 */
export function giveLevels(lines: readonly LifelineBuilder[], doubts: Doubts): void {
  const next = lines.map(() => 0);
  /** Lifelines that wait until a moment has its level. */
  const waiting = new Map<MomentBuilder, number[]>();
  const ready = [...lines.keys()];

  const goOn = (line: number) => {
    const { moments } = lines[line] as LifelineBuilder;
    for (;;) {
      const at = next[line] as number;
      const moment = moments[at];
      if (!moment) return;
      const { cause } = moment;
      if (cause && cause.level === 0) {
        const others = waiting.get(cause);
        if (others) others.push(line);
        else waiting.set(cause, [line]);
        return;
      }
      giveLevel(moment, moments[at - 1], doubts);
      next[line] = at + 1;
      for (const woken of waiting.get(moment) ?? []) ready.push(woken);
      waiting.delete(moment);
    }
  };

  for (;;) {
    for (let line = ready.pop(); line !== undefined; line = ready.pop()) goOn(line);
    const stuck = earliestStuck(lines, next);
    if (stuck === undefined) return;
    const moment = lines[stuck]?.moments[next[stuck] as number] as MomentBuilder;
    doubts.add('circle', moment);
    const others = waiting.get(moment.cause as MomentBuilder)?.filter((line) => line !== stuck) ?? [];
    waiting.set(moment.cause as MomentBuilder, others);
    moment.cause = undefined;
    ready.push(stuck);
  }
}

function giveLevel(moment: MomentBuilder, before: MomentBuilder | undefined, doubts: Doubts): void {
  const { lamport, kind, cause } = moment;
  const movesClock = kind === 'stamp' || kind === 'receive';
  const notLater = movesClock && cause !== undefined && lamport <= cause.lamport;
  const goesBack = kind !== 'start' && before !== undefined && lamport < before.lamport;
  if (notLater || goesBack) doubts.add('time-goes-back', moment);
  if (cause && cause.level >= Number.MAX_SAFE_INTEGER) moment.cause = undefined;
  // 1 at least: 0 is no level yet.
  moment.level = Math.max(lamport, before?.level ?? 1, (moment.cause?.level ?? 0) + 1);
}

/** Of the lifelines that wait the one with the smallest Lamport time; a client's before a room's, for its line can be shown. */
function earliestStuck(lines: readonly LifelineBuilder[], next: readonly number[]): number | undefined {
  let earliest: number | undefined;
  let time = Number.POSITIVE_INFINITY;
  for (const [line, { kind, moments }] of lines.entries()) {
    const moment = moments[next[line] as number];
    if (!moment) continue;
    const instead = earliest !== undefined && lines[earliest]?.kind === 'room' && kind === 'client';
    if (instead || moment.lamport < time) [earliest, time] = [line, moment.lamport];
  }
  return earliest;
}
