import { crossedInFlight } from '../space-time/crossings.js';
import type { Selected } from '../space-time/selection.js';
import type { Moment, MomentKind } from '../space-time/space-time.js';
import { receiptWords } from './receipt-words.js';
import { receiptsOf } from './receipts.js';

/** Crossed messages named beside one message; the others are counted. */
export const crossedNamedMax = 6;

/** What one line of a transcript tells. Names and texts are untrusted: escape them where they are shown. */
export interface TranscriptEntry {
  readonly moment: Moment;
  /** Whose lifeline. */
  readonly name: string;
  /** Of a message that crossed others in flight: `crossed 4, 5`. */
  readonly crossed: string;
  /** Of a stamp, who received its event. */
  readonly receipts: string;
}

/** Moments that a short transcript tells of by the way: receipts beside their stamp, the others by what is before or after them. */
const toldByTheWay = new Set<MomentKind>(['receive', 'fill-in', 'welcome', 'end']);

/** A run or a part of it, in causal order. `all`: a line for every single moment, each receipt too. */
export function* transcript(
  { spaceTime, lifelines, moments }: Selected,
  { all = false }: { readonly all?: boolean } = {},
): Generator<TranscriptEntry> {
  const nameOf = (lifeline: number) => spaceTime.lifelines[lifeline]?.name ?? '';
  const selected = new Set(lifelines);
  const crossings = crossedInFlight(spaceTime);
  const receipts = receiptsOf(spaceTime);
  for (const moment of moments) {
    if (!all && toldByTheWay.has(moment.kind)) continue;
    const crossing = crossings.get(moment.index);
    const received = all ? undefined : receipts.get(moment.index);
    yield {
      moment,
      name: nameOf(moment.lifeline),
      crossed: crossing
        ? crossedWords(
            crossing.crossed.map((stamp) => spaceTime.moments[stamp]),
            crossing.more,
          )
        : '',
      receipts: received
        ? receiptWords(
            {
              present: received.present.filter((lifeline) => selected.has(lifeline)),
              moments: received.moments.filter(({ lifeline }) => selected.has(lifeline)),
            },
            nameOf,
          )
        : '',
    };
  }
}

function crossedWords(stamps: readonly (Moment | undefined)[], more: boolean): string {
  const named = stamps.slice(-crossedNamedMax).map((stamp) => stamp?.event?.sequence);
  const earlier = stamps.length > crossedNamedMax || more ? ' and earlier ones' : '';
  return `crossed ${named.join(', ')}${earlier}`;
}
