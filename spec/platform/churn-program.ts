import { setImmediate as turn } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import { keepHeapSmall } from '../../lib/platform/small-heap.js';

/**
 * Makes objects that live for some collections of the young generation, as calls and connections do, and then are garbage. With the argument
 * `small` the heap is kept small. Prints the most that its old generation took, in MB.
 */
if (process.argv[2] === 'small') keepHeapSmall();
const living: { readonly bytes: readonly number[] }[][] = [];
let most = 0;
for (let round = 0; round < 3_000; round += 1) {
  living.push(Array.from({ length: 2_000 }, (_, number) => ({ bytes: [round, number, 0, 0] })));
  if (living.length > 100) living.shift();
  const old = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space');
  most = Math.max(most, old?.space_size ?? 0);
  // V8 collects in parts, between which it lets the program go on.
  await turn();
}
process.stdout.write(`${Math.round(most / 1e6)}\n`);
