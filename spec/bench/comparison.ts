import type { Result } from './case.js';

/** What was measured of all subjects in one setting of one case. */
export interface Comparison {
  readonly case: string;
  readonly setting: string;
  readonly results: readonly Result[];
}

/** Results by case and setting, in the order they came. */
export function comparisons(results: readonly Result[]): Comparison[] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const key = `${result.case}: ${result.setting}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()].map((group) => {
    const [{ case: name, setting }] = group as [Result];
    return { case: name, setting, results: group };
  });
}

/**
 * How our server does beside another: the ratio of deliveries a second where both have them, else of the times that the
 * other and ours took; above 1, ours does better. Undefined where there is nothing to compare.
 */
export function ratio({ results }: Comparison, other: Result['subject']): number | undefined {
  const ours = results.find(({ subject }) => subject === oursBeside(other));
  const theirs = results.find(({ subject }) => subject === other);
  if (!ours || !theirs) return undefined;
  if (ours.deliveriesPerSecond && theirs.deliveriesPerSecond && !ours.paced) {
    return ours.deliveriesPerSecond / theirs.deliveriesPerSecond;
  }
  if (ours.p99Ms && theirs.p99Ms) return theirs.p99Ms / ours.p99Ms;
  return undefined;
}

/** How many times more processor time a delivery costs the other than ours; above 1, ours is the cheaper. */
export function costRatio({ results }: Comparison, other: Result['subject']): number | undefined {
  const cost = (name: Result['subject']) => results.find(({ subject }) => subject === name)?.cpuMicrosPerDelivery;
  const ours = cost(oursBeside(other));
  const theirs = cost(other);
  return ours && theirs && theirs / ours;
}

/** Which of ours promises what the other does. */
function oursBeside(other: Result['subject']): Result['subject'] {
  return other === 'nats jetstream' ? 'chit-server, process' : 'chit-server';
}
