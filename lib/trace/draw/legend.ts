import { textWidth } from '../../display/text-width.js';
import { sizes } from './columns.js';
import type { Figures } from './figures.js';
import type { Arrow, Label, LifelinePiece, Mark, MarkKind } from './picture.js';

/** What the kinds of marks, arrows and lifelines mean, in the picture's order. */
const meanings: readonly (readonly [sample: string, text: string])[] = [
  ['mark send', 'asks or sends'],
  ['mark send-again', 'sends again'],
  ['mark stamp', 'the room stamps'],
  ['mark receive', 'receives'],
  ['mark fill-in', 'fills in what it missed'],
  ['arrow publish', 'to the room'],
  ['arrow delivery', 'to a participant'],
  ['arrow fill-in', 'read later'],
  ['arrow crossed', 'crossed in flight: sent without having seen what comes before it'],
  ['line waiting', 'waits to be let in'],
  ['mark begin', 'joined'],
  ['mark end', 'left'],
  ['mark lose-connection', 'connection lost'],
  ['line offline', 'without connection'],
  ['mark refused', 'refused'],
  ['mark skip', 'times left out'],
];

/** Marks that look alike are explained once. */
const alike: Partial<Record<MarkKind, MarkKind>> = {
  'ask-join': 'send',
  'ask-resume': 'send',
  'ask-leave': 'send',
  'stamp-crossed': 'stamp',
};

/** What those kinds mean that occur, set below one another from `top` on, in lines of at most `width`. */
export function legendOf(figures: Figures, top: number, width: number) {
  const occurring = new Set<string>([
    ...figures.marks.map(({ kind }) => `mark ${alike[kind] ?? kind}`),
    ...figures.arrows.map(({ kind }) => `arrow ${kind}`),
    ...figures.lifelines.map(({ state }) => `line ${state}`),
  ]);
  const marks: Mark[] = [];
  const arrows: Arrow[] = [];
  const lifelines: LifelinePiece[] = [];
  const labels: Label[] = [];
  let x: number = sizes.margin;
  let y = top + sizes.legendRow / 2;
  for (const [sample, text] of meanings.filter(([key]) => occurring.has(key))) {
    const [what, kind] = sample.split(' ');
    const textWide = Math.ceil(textWidth(text, sizes.time + 1));
    const sampleWide = what === 'mark' ? sizes.legendSample / 2 : sizes.legendSample;
    const wide = sampleWide + textWide + sizes.margin;
    if (x + wide > width && x > sizes.margin) {
      x = sizes.margin;
      y += sizes.legendRow;
    }
    const line = { x1: x, y1: y, x2: x + sampleWide - 6, y2: y };
    if (what === 'mark') marks.push({ kind: kind as MarkKind, x: x + (sampleWide - 6) / 2, y });
    else if (what === 'arrow') arrows.push({ ...line, kind: kind as Arrow['kind'], arrives: true });
    else lifelines.push({ ...line, state: kind as LifelinePiece['state'], lifeline: -1 });
    const box = { x: x + sampleWide, y: y - sizes.textHeight / 2, width: textWide, height: sizes.textHeight };
    labels.push({ role: 'legend', text, align: 'left', box });
    x += wide;
  }
  return { marks, arrows, lifelines, labels, height: y + sizes.legendRow / 2 - top };
}
