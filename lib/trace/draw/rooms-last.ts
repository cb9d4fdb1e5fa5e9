import type { Selected } from '../space-time/selection.js';

/** The same part of a run with its rooms rightmost: what is published then goes to the right, what is delivered to the left. */
export function roomsLast(selected: Selected): Selected {
  const isRoom = (lifeline: number) => selected.spaceTime.lifelines[lifeline]?.kind === 'room';
  const { lifelines } = selected;
  return { ...selected, lifelines: [...lifelines.filter((one) => !isRoom(one)), ...lifelines.filter(isRoom)] };
}
