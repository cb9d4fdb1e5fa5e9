import type { Selected } from '../space-time/selection.js';
import { captionsOf } from './captions.js';
import { type RunFacts, roomsLast } from './run-facts.js';

/**
 * What was selected as a sequence diagram in Mermaid's language (mermaid.js.org, "Sequence diagrams"). Each event is an arrow from its
 * author to the room, and one from the room to each receipt, with the Lamport times at both ends; what is sent and what is received
 * stand in an order in which nothing stands before its cause, but a Mermaid arrow is level: it cannot show how long it took.
 */
export function mermaid(selected: Selected, facts: RunFacts): string {
  const { spaceTime, lifelines, moments } = roomsLast(selected);
  const shown = new Set(moments.map(({ index }) => index));
  const captions = captionsOf(moments, facts);
  const lines = moments.flatMap((moment): string[] => {
    const at = `L${moment.lifeline}`;
    const cause = moment.cause === undefined ? undefined : spaceTime.moments[moment.cause];
    const from = cause && shown.has(cause.index) ? cause : undefined;
    const { event } = moment;
    const caption = captions.get(moment.index);
    switch (moment.kind) {
      case 'stamp': {
        if (!caption) return [];
        const aside = caption.crossed === undefined ? '' : ` (crossed ${caption.crossed})`;
        const text = `${caption.sequence}. ${caption.text}${aside}, time ${moment.lamport}`;
        return [from ? `L${from.lifeline}->>${at}: ${encoded(`${text}, sent at ${from.lamport}`)}` : note(at, text)];
      }
      case 'receive':
      case 'fill-in': {
        const what = `${event?.sequence}${moment.kind === 'fill-in' ? ' read later' : ''}, time ${moment.lamport}`;
        return [from ? `L${from.lifeline}-->>${at}: ${encoded(what)}` : note(at, what)];
      }
      case 'end':
        return moment.how === 'gone' || moment.how === 'lost' ? [note(at, 'is gone')] : [];
      default:
        return caption ? [note(at, caption.text)] : [];
    }
  });
  return [
    'sequenceDiagram',
    ...lifelines.map((index) => {
      const kind = spaceTime.lifelines[index]?.kind === 'room' ? 'participant' : 'actor';
      return `  ${kind} L${index} as ${encoded(facts.name(index))}`;
    }),
    ...lines.map((line) => `  ${line}`),
  ].join('\n');
}

function note(at: string, text: string): string {
  return `Note over ${at}: ${encoded(text)}`;
}

/**
 * Text in which nothing means anything to Mermaid or HTML: whatever is neither a letter, a digit nor harmless in between is
 * written as its number (`#35;`).
 */
export function encoded(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N} .,()–…“”?!-]/gu, (character) => `#${character.codePointAt(0)};`);
}
