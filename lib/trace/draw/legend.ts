import { textWidth } from '../../display/text-width.js';
import { sizes } from './measures.js';
import type { Arrow, Label, LifelinePiece, Mark, MarkKind } from './picture.js';

/** What the kinds of marks, arrows and lifelines mean; only those that occur are explained. */
export interface Legend {
  readonly height: number;
  readonly marks: readonly Mark[];
  readonly arrows: readonly Arrow[];
  readonly lifelines: readonly LifelinePiece[];
  readonly labels: readonly Label[];
}

type Sample =
  | { readonly mark: MarkKind }
  | { readonly arrow: Arrow['kind'] }
  | { readonly line: LifelinePiece['state'] };

const meanings: readonly (readonly [Sample, string])[] = [
  [{ mark: 'send' }, 'asks or sends'],
  [{ mark: 'send-again' }, 'sends again'],
  [{ mark: 'stamp' }, 'the room stamps'],
  [{ mark: 'receive' }, 'receives'],
  [{ mark: 'fill-in' }, 'fills in what it missed'],
  [{ arrow: 'publish' }, 'to the room'],
  [{ arrow: 'delivery' }, 'to a participant'],
  [{ arrow: 'fill-in' }, 'read later'],
  [{ arrow: 'crossed' }, 'crossed in flight: sent without having seen what comes before it'],
  [{ line: 'waiting' }, 'waits to be let in'],
  [{ mark: 'begin' }, 'joined'],
  [{ mark: 'end' }, 'left'],
  [{ mark: 'lose-connection' }, 'connection lost'],
  [{ line: 'offline' }, 'without connection'],
  [{ mark: 'refused' }, 'refused'],
  [{ mark: 'skip' }, 'times left out'],
];

/** Marks that look alike are explained once. */
const alike: Partial<Record<MarkKind, MarkKind>> = {
  'ask-join': 'send',
  'ask-resume': 'send',
  'ask-leave': 'send',
  'stamp-crossed': 'stamp',
};

/** Set below one another from `top` on, in lines of at most `width`. */
export function legendOf(figures: Pick<Legend, 'marks' | 'arrows' | 'lifelines'>, top: number, width: number): Legend {
  const occurring = new Set<string>([
    ...figures.marks.map(({ kind }) => `mark ${alike[kind] ?? kind}`),
    ...figures.arrows.map(({ kind }) => `arrow ${kind}`),
    ...figures.lifelines.map(({ state }) => `line ${state}`),
  ]);
  const legend = {
    marks: [] as Mark[],
    arrows: [] as Arrow[],
    lifelines: [] as LifelinePiece[],
    labels: [] as Label[],
  };
  let x: number = sizes.margin;
  let y = top + sizes.legendRow / 2;
  for (const [sample, text] of meanings) {
    if (!occurring.has(keyOf(sample))) continue;
    const textWide = Math.ceil(textWidth(text, sizes.time + 1));
    const sampleWide = 'mark' in sample ? sizes.legendSample / 2 : sizes.legendSample;
    const wide = sampleWide + textWide + sizes.margin;
    if (x + wide > width && x > sizes.margin) {
      x = sizes.margin;
      y += sizes.legendRow;
    }
    place(legend, sample, x, y, sampleWide - 6);
    const box = { x: x + sampleWide, y: y - sizes.textHeight / 2, width: textWide, height: sizes.textHeight };
    legend.labels.push({ role: 'legend', text, align: 'left', box });
    x += wide;
  }
  return { ...legend, height: y + sizes.legendRow / 2 - top };
}

function keyOf(sample: Sample): string {
  if ('mark' in sample) return `mark ${sample.mark}`;
  return 'arrow' in sample ? `arrow ${sample.arrow}` : `line ${sample.line}`;
}

function place(
  into: { marks: Mark[]; arrows: Arrow[]; lifelines: LifelinePiece[] },
  sample: Sample,
  x: number,
  y: number,
  length: number,
): void {
  const line = { x1: x, y1: y, x2: x + length, y2: y };
  if ('mark' in sample) into.marks.push({ kind: sample.mark, x: x + length / 2, y });
  else if ('arrow' in sample) into.arrows.push({ ...line, kind: sample.arrow, arrives: true });
  else into.lifelines.push({ ...line, state: sample.line, lifeline: -1 });
}
