import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * How much garbage V8 lets gather before it collects the whole heap, in percent of what lives, or 8 MiB where that is
 * more; the size of its young generation comes to that. By itself it lets the heap grow to two to four times of what
 * lives, more before its first collection.
 */
const garbagePercentMax = 10;

/** The same while the heap is small: collecting 20 MiB every 8 MiB costs a busy server a tenth of its processor. */
const smallHeapGarbagePercentMax = 100;

/** Up to how many bytes of objects, garbage among them, a heap is small. */
const smallHeapBytesMax = 32 * 1024 * 1024;

/**
 * After how many bytes of large buffers the young generation is collected. By itself V8 does so after 32 MiB of
 * buffers, whose copies on their way to a socket it has to let go of, too.
 */
const bufferBytesMax = 1024 * 1024;

type Collect = (options?: { readonly type: 'minor' }) => void;

let collect: Collect | undefined;
let bufferBytes = 0;

/**
 * Keeps this process's heap near the size of what lives in it, for the price of more collections, most of which V8 does
 * beside the program. The heap's garbage holds more than memory of its own: an ended HTTP/2 session has 25 KiB or more
 * of native memory, unknown to V8, until it is collected. Call it once, when the program has been loaded.
 *
 * The flag is the same in Node 20 to 24, and V8 reads it at the end of each collection. A V8 without it says so on
 * standard error and goes on as it is.
 */
export function keepHeapSmall(): void {
  // The young generation stays as it is now, 16 MiB at most, instead of growing to 32 (64 from Node 24 on).
  setFlagsFromString('--semi-space-growth-factor=1');
  let percent = smallHeapGarbagePercentMax;
  const allow = () => setFlagsFromString(`--heap-growing-percent=${percent}`);
  allow();
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  // The next collection's time is counted from this one; V8 by itself may let a hundred megabytes gather first.
  collect();
  // A heap grows by its young generation at most between two collections of that: after each there is still time.
  new PerformanceObserver(() => {
    const isSmall = getHeapStatistics().used_heap_size <= smallHeapBytesMax;
    const now = isSmall ? smallHeapGarbagePercentMax : garbagePercentMax;
    if (now === percent) return;
    percent = now;
    allow();
  }).observe({ entryTypes: ['gc'] });
}

/** The caller made buffers of `bytes` bytes, garbage soon; a small heap is collected every `bufferBytesMax` of them. */
export function passingBuffer(bytes: number): void {
  if (!collect) return;
  bufferBytes += bytes;
  if (bufferBytes < bufferBytesMax) return;
  bufferBytes = 0;
  collect({ type: 'minor' });
}
