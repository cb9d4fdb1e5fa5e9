import { isolated } from '../../display/display-safe.js';
import { inSigns, spansOf } from '../../display/spans.js';
import { Causality } from '../space-time/causality.js';
import { type Crossing, crossedInFlight } from '../space-time/crossings.js';
import type { Selected } from '../space-time/selection.js';
import type { Moment, SpaceTime } from '../space-time/space-time.js';

/** What a picture tells of a run besides what is drawn: names as they may be shown, clocks, and what crossed in flight. */
export class RunFacts {
  readonly spaceTime: SpaceTime;
  readonly causality: Causality;
  readonly #crossings: ReadonlyMap<number, Crossing>;
  readonly #safe: (text: string) => string;

  /** `safe` makes untrusted text fit to be shown: nothing in it may hide or move anything. Throws TooManyClocks. */
  constructor(spaceTime: SpaceTime, safe: (text: string) => string) {
    this.spaceTime = spaceTime;
    this.causality = new Causality(spaceTime);
    this.#crossings = crossedInFlight(spaceTime);
    this.#safe = safe;
  }

  /** Text from a log as it may be shown, in the midst of other text. */
  shown(text: string): string {
    return isolated(this.#safe(text));
  }

  /** A lifeline's name as it may be shown. */
  name(lifeline: number): string {
    return this.shown(this.spaceTime.lifelines[lifeline]?.name ?? '');
  }

  /** The sequences of the messages that a stamped message crossed in flight, as `3–5, 7`; undefined where it crossed none. */
  crossed({ index }: Moment): string | undefined {
    const crossing = this.#crossings.get(index);
    if (!crossing) return undefined;
    const sequences = crossing.crossed.flatMap((stamp) => this.spaceTime.moments[stamp]?.event?.sequence ?? []);
    return `${crossing.more ? '…, ' : ''}${inSigns(spansOf(sequences))}`;
  }
}

/** The same part of a run with its rooms rightmost: what is published then goes to the right, what is delivered to the left. */
export function roomsLast(selected: Selected): Selected {
  const isRoom = (lifeline: number) => selected.spaceTime.lifelines[lifeline]?.kind === 'room';
  const { lifelines } = selected;
  return { ...selected, lifelines: [...lifelines.filter((one) => !isRoom(one)), ...lifelines.filter(isRoom)] };
}
