/**
 * Judges by the system calls of a server whether what it told had been flushed before: from a record of strace (-f -y) the first thing
 * that is wrong, undefined if nothing is. An event, known by `marker` in it, may go to a socket only after the frame with it was written
 * to a write-ahead segment and the segment flushed by fdatasync, all of it completed. The segment's header may be written again, which
 * gives up its frames, only after the store took the event over: pages with it written to LMDB's file, flushed, and made the newest by a
 * write that is flushed by itself (O_DSYNC).
 */
export function unflushed(trace: string, marker: string): string | undefined {
  let segment: string | undefined;
  let flushed = false;
  let told = false;
  let store: 'without' | 'written' | 'flushed' | 'committed' = 'without';
  const flushing = new Set<string>();
  const underWay = new Map<string, string>();
  for (const line of trace.split('\n')) {
    const [, thread = '', text = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const call = resumed(text, underWay.get(thread) ?? '');
    if (text.endsWith('<unfinished ...>')) underWay.set(thread, text.slice(0, -'<unfinished ...>'.length));
    const opened = /^openat\(.*data\.mdb", ([A-Z_|]+).*= (\d+)/.exec(call);
    if (opened?.[1]?.includes('O_DSYNC')) flushing.add(opened[2] as string);
    const [, name, descriptor, file = ''] = /^(\w+)\((\d+)<([^>]*)>/.exec(call) ?? [];
    if (!name || !descriptor) continue;
    const writes = /^(write|writev|pwrite64|pwritev|sendmsg|sendto)$/.test(name);
    if (writes && /^(TCP|socket|UNIX)/.test(file) && call.includes(marker)) {
      if (!segment) return 'it was told before it was written to a segment';
      if (!flushed) return 'it was told before it was flushed';
      told = true;
    }
    // Only what is complete counts.
    if (!/ = \d+$/.test(call)) continue;
    const flushes = name === 'fdatasync' || name === 'fsync';
    if (/\/ahead-[01]$/.test(file)) {
      if (flushes && file === segment) flushed = true;
      else if (writes && call.includes(marker)) segment ??= file;
      else if (writes && file === segment && call.includes('CHITAHD') && store !== 'committed') {
        return 'its segment was given up before the store had it';
      }
    } else if (file.endsWith('/data.mdb') && segment) {
      if (flushes) store = store === 'written' ? 'flushed' : store;
      else if (writes && flushing.has(descriptor)) store = store === 'flushed' ? 'committed' : store;
      else if (writes && call.includes(marker)) store = 'written';
    }
  }
  if (!told) return 'it was told to no participant';
  return store === 'committed' ? undefined : 'the store never had it';
}

/** A call that another thread's came in between of, put together. */
function resumed(text: string, begun: string): string {
  const rest = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
  return rest === undefined ? text : begun + rest;
}
