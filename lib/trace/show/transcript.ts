import { type Crossing, crossedInFlight } from '../space-time/crossings.js';
import type { Selected } from '../space-time/selection.js';
import type { Moment, MomentKind, SpaceTime } from '../space-time/space-time.js';
import { receiptsOf, receiptWords } from './receipts.js';

/** Crossed messages named beside one message: the newest. */
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
  const receipts = all ? undefined : receiptsOf(spaceTime);
  for (const moment of moments) {
    if (!all && toldByTheWay.has(moment.kind)) continue;
    const crossing = crossings.get(moment.index);
    const { present, moments: received } = receipts?.get(moment.index) ?? { present: [], moments: [] };
    const among = {
      present: present.filter((lifeline) => selected.has(lifeline)),
      moments: received.filter(({ lifeline }) => selected.has(lifeline)),
    };
    yield {
      moment,
      name: nameOf(moment.lifeline),
      crossed: crossing ? crossedWords(crossing, spaceTime) : '',
      receipts: receiptWords(among, nameOf),
    };
  }
}

function crossedWords({ crossed, more }: Crossing, { moments }: SpaceTime): string {
  const named = crossed.slice(-crossedNamedMax).map((stamp) => moments[stamp]?.event?.sequence);
  return `crossed ${named.join(', ')}${crossed.length > crossedNamedMax || more ? ' and earlier ones' : ''}`;
}
