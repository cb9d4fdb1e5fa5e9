import type { Moment } from '../space-time/space-time.js';
import { telling } from '../space-time/words.js';
import { eventWords } from './captions.js';
import type { RunFacts } from './run-facts.js';

/** What is shown of a moment when pointed at: what happens, its clocks, and where the logs say so; a line each. */
export function detailsOf(moment: Moment, facts: RunFacts): string[] {
  const { lamport, source, seen } = moment;
  const crossed = facts.crossed(moment);
  return [
    `${facts.name(moment.lifeline)} ${facts.shown(telling(moment).before)}${moment.event ? eventWords(moment, facts) : ''}`,
    ...(seen === undefined ? [] : [seen === 0 ? 'having been shown nothing' : `having been shown up to ${seen}`]),
    ...(crossed === undefined ? [] : [`crossed ${crossed} in flight`]),
    `Lamport time ${lamport}`,
    `vector clock (${vector(moment, facts)})`,
    ...(source ? [`${facts.shown(source.file)}:${source.line}`] : []),
  ];
}

/** The entries that are not 0, by the lifelines' names. */
function vector({ index }: Moment, facts: RunFacts): string {
  return Array.from(facts.causality.clockOf(index))
    .flatMap((count, lifeline) => (count > 0 ? `${facts.name(lifeline)} ${count}` : []))
    .join(', ');
}
