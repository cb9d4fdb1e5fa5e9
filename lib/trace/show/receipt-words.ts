import type { Moment } from '../space-time/space-time.js';
import type { Receipts } from './receipts.js';

/** Participants named in one sentence; the others are counted. */
export const receiversNamedMax = 8;

/**
 * Who received an event, and at which Lamport times: `received by all 3 at L 6, 6, 7`. `nameOf` tells a lifeline's name. Empty where
 * nobody whose log is there was to receive it, or did.
 */
export function receiptWords({ present, moments }: Receipts, nameOf: (lifeline: number) => string): string {
  const first = new Map<number, Moment>();
  const again: Moment[] = [];
  for (const moment of moments) {
    if (first.has(moment.lifeline)) again.push(moment);
    else first.set(moment.lifeline, moment);
  }
  const got = present.flatMap((lifeline) => first.get(lifeline) ?? []);
  const missing = present.filter((lifeline) => !first.has(lifeline));
  const history = [...first.values()].filter(({ lifeline }) => !present.includes(lifeline));
  const told = (some: readonly Moment[]) => list(some, (moment) => `${nameOf(moment.lifeline)} at ${timeOf(moment)}`);
  const parts: string[] = [];
  const simple = got.length > 1 && missing.length === 0 && got.every(({ kind }) => kind === 'receive');
  if (simple) parts.push(`received by all ${got.length} at ${timesOf(got)}`);
  else if (got.length > 0) parts.push(`received by ${told(got)}`);
  else if (missing.length > 0) parts.push('received by nobody');
  if (got.length > 0 && missing.length > 0) parts.push(`not by ${list(missing, nameOf)}`);
  if (history.length > 0) parts.push(`as history by ${told(history)}`);
  if (again.length > 0) parts.push(`again by ${told(again)}`);
  return parts.join('; ');
}

function timeOf({ lamport, kind }: Moment): string {
  return `L ${lamport}${kind === 'fill-in' ? ' (filled in)' : ''}`;
}

function timesOf(moments: readonly Moment[]): string {
  const times = moments.map(({ lamport }) => lamport);
  if (times.length <= receiversNamedMax) return `L ${times.join(', ')}`;
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return first === last ? `L ${first}` : `L ${first} to ${last}`;
}

function list<Item>(items: readonly Item[], words: (item: Item) => string): string {
  const named = items.slice(0, receiversNamedMax).map(words).join(', ');
  const others = items.length - receiversNamedMax;
  return others > 0 ? `${named} and ${others} ${others === 1 ? 'other' : 'others'}` : named;
}
