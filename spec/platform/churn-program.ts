import { getHeapStatistics } from 'node:v8';
import { keepHeapSmall } from '../../lib/platform/small-heap.js';

/**
 * Makes objects that live for some collections of the young generation, as calls and connections do, and then are garbage. With the argument
 * `small` the heap is kept small. Prints the most that the heap held, in MB.
 */
if (process.argv[2] === 'small') keepHeapSmall();
const living: { readonly bytes: readonly number[] }[][] = [];
let most = 0;
for (let round = 0; round < 1_500; round += 1) {
  living.push(Array.from({ length: 5_000 }, (_, number) => ({ bytes: [round, number, 0, 0] })));
  if (living.length > 50) living.shift();
  most = Math.max(most, getHeapStatistics().total_heap_size);
}
process.stdout.write(`${Math.round(most / 1e6)}\n`);
