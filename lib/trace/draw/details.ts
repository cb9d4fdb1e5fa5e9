import type { Moment, MomentKind } from '../space-time/space-time.js';
import { sentence } from './captions.js';
import type { RunFacts } from './run-facts.js';

const does: Readonly<Record<Exclude<MomentKind, 'stamp' | 'receive' | 'fill-in'>, string>> = {
  start: 'starts again',
  'ask-join': 'asks to join',
  'ask-resume': 'asks to go on where it was',
  welcome: 'is let in',
  send: 'sends',
  'send-again': 'sends again',
  'ask-leave': 'asks to leave',
  refused: 'is refused',
  'lose-connection': 'loses its connection',
  end: 'ends',
};

/** What is shown of a moment when pointed at: what happens, its clocks, and where the logs say so. */
export function detailsOf(moment: Moment, facts: RunFacts): string[] {
  const { lamport, source } = moment;
  return [
    what(moment, facts),
    `Lamport time ${lamport}`,
    `vector clock (${vector(moment, facts)})`,
    ...(source ? [`${facts.shown(source.file)}:${source.line}`] : []),
  ];
}

function what(moment: Moment, facts: RunFacts): string {
  const { event, kind } = moment;
  const who = facts.name(moment.lifeline);
  const told = event ? ` ${event.sequence}, ${sentence(event, facts)}` : '';
  switch (kind) {
    case 'stamp': {
      const crossed = facts.crossed(moment);
      return `Room ${who} stamps${told}${crossed === undefined ? '' : ` (crossed ${crossed} in flight)`}`;
    }
    case 'receive':
      return `${who} receives${told}`;
    case 'fill-in':
      return `${who} fills in${told}`;
    default: {
      const text = moment.text === undefined ? '' : ` “${facts.shown(moment.text)}”`;
      const seen = moment.seen === undefined ? '' : `, having seen ${moment.seen || 'nothing'}`;
      const why = moment.reason ? ` (${facts.shown(moment.reason)})` : '';
      return `${who} ${does[kind]}${text}${seen}${why}`;
    }
  }
}

/** The entries that are not 0, by the lifelines' names. */
function vector({ index }: Moment, facts: RunFacts): string {
  return Array.from(facts.causality.clockOf(index))
    .flatMap((count, lifeline) => (count > 0 ? `${facts.name(lifeline)} ${count}` : []))
    .join(', ');
}
