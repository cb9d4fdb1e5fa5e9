import type { Selected } from '../space-time/selection.js';
import type { Moment } from '../space-time/space-time.js';
import { captionsOf, type RunFacts, roomsLast } from './captions.js';

/**
 * What was selected as a sequence diagram in Mermaid's language (mermaid.js.org, "Sequence diagrams"). Each event is an
 * arrow from its author to the room, and one from the room to each receipt, with the Lamport times at both ends; what
 * is sent and what is received stand in an order in which nothing stands before its cause, but a Mermaid arrow is
 * level: it cannot show how long it took.
 */
export function mermaid(selected: Selected, facts: RunFacts): string {
  const { spaceTime, lifelines, moments } = roomsLast(selected);
  const shown = new Set(moments.map(({ index }) => index));
  const captions = captionsOf(moments, facts);
  const lineOf = (moment: Moment): string | undefined => {
    const { kind, index, lifeline, lamport, event, how } = moment;
    const cause = moment.cause === undefined ? undefined : spaceTime.moments[moment.cause];
    const from = cause && shown.has(cause.index) ? cause : undefined;
    const caption = captions.get(index);
    const note = (text: string) => `Note over L${lifeline}: ${encoded(text)}`;
    if (kind === 'stamp' && caption) {
      const aside = caption.crossed === undefined ? '' : ` (crossed ${caption.crossed})`;
      const text = `${caption.sequence}. ${caption.text}${aside}, time ${lamport}`;
      return from ? `L${from.lifeline}->>L${lifeline}: ${encoded(`${text}, sent at ${from.lamport}`)}` : note(text);
    }
    if (kind === 'receive' || kind === 'fill-in') {
      const text = `${event?.sequence}${kind === 'fill-in' ? ' read later' : ''}, time ${lamport}`;
      return from ? `L${from.lifeline}-->>L${lifeline}: ${encoded(text)}` : note(text);
    }
    if (kind === 'end') return how === 'gone' || how === 'lost' ? note('is gone') : undefined;
    return caption && note(caption.text);
  };
  return [
    'sequenceDiagram',
    ...lifelines.map((index) => {
      const kind = spaceTime.lifelines[index]?.kind === 'room' ? 'participant' : 'actor';
      return `  ${kind} L${index} as ${encoded(facts.name(index))}`;
    }),
    ...moments.flatMap((moment) => lineOf(moment) ?? []).map((line) => `  ${line}`),
  ].join('\n');
}

/**
 * Text in which nothing means anything to Mermaid or HTML: whatever is neither a letter, a digit nor harmless in
 * between is written as its number (`#35;`).
 */
export function encoded(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N} .,()–…“”?!-]/gu, (character) => `#${character.codePointAt(0)};`);
}
