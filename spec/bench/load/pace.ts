import { setTimeout as pause } from 'node:timers/promises';

/**
 * Calls `due` `count` times, `perSecond` times a second: as often as time has gone by, so that one that came late does not
 * make all after it late.
 */
export async function pace(perSecond: number, count: number, due: () => void): Promise<void> {
  const began = performance.now();
  for (let done = 0; done < count; ) {
    const elapsed = (performance.now() - began) / 1000;
    for (const wanted = Math.min(count, Math.floor(elapsed * perSecond) + 1); done < wanted; done += 1) due();
    if (done < count) await pause(Math.max(1, (done / perSecond) * 1000 - (performance.now() - began)));
  }
}
