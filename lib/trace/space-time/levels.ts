import type { Doubts, LifelineBuilder, MomentBuilder } from './moment-builder.js';

/**
 * Gives each moment its level (see Moment), which makes the order by level a linear extension of causality. Where a
 * cause cannot be one, because it would lie in its own effect's future or has the last time that can be told, it is
 * taken away. Takes time in proportion to the moments.
 */
export function giveLevels(lines: readonly LifelineBuilder[], doubts: Doubts): void {
  const next = lines.map(() => 0);
  /** Lifelines that wait until a moment has its level. */
  const waiting = new Map<MomentBuilder, number[]>();
  const ready = [...lines.keys()];
  const nextOf = (line: number) => lines[line]?.moments[next[line] ?? 0];

  const goOn = (line: number) => {
    for (let moment = nextOf(line); moment; moment = nextOf(line)) {
      const { cause } = moment;
      if (cause && cause.level === 0) {
        waiting.set(cause, [...(waiting.get(cause) ?? []), line]);
        return;
      }
      const at = next[line] ?? 0;
      giveLevel(moment, lines[line]?.moments[at - 1], doubts);
      next[line] = at + 1;
      ready.push(...(waiting.get(moment) ?? []));
      waiting.delete(moment);
    }
  };
  /** Of the waiting lifelines that of the smallest Lamport time; a client's before a room's: its line can be shown. */
  const earliestStuck = () => {
    let earliest: number | undefined;
    let time = Number.POSITIVE_INFINITY;
    for (const [line, { kind }] of lines.entries()) {
      const moment = nextOf(line);
      if (!moment) continue;
      const instead = earliest !== undefined && lines[earliest]?.kind === 'room' && kind === 'client';
      if (instead || moment.lamport < time) [earliest, time] = [line, moment.lamport];
    }
    return earliest;
  };

  for (;;) {
    for (let line = ready.pop(); line !== undefined; line = ready.pop()) goOn(line);
    const stuck = earliestStuck();
    const moment = stuck === undefined ? undefined : nextOf(stuck);
    if (stuck === undefined || !moment) return;
    doubts.add('circle', moment);
    const cause = moment.cause as MomentBuilder;
    waiting.set(cause, waiting.get(cause)?.filter((line) => line !== stuck) ?? []);
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
