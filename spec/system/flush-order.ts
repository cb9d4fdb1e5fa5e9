/**
 * Judges by the system calls of a server whether what it told had been flushed before: from a record of strace (-f -y) the first thing
 * that is wrong, undefined if nothing is. An event, known by `marker` in it, may go to a socket only after the pages with it were written
 * to the store's file, flushed by fdatasync, and made the newest by a write that is flushed by itself (O_DSYNC), all of it completed.
 */
export function unflushed(trace: string, marker: string): string | undefined {
  let written = false;
  let flushed = false;
  let committed = false;
  let told = false;
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
      told = true;
      if (!written) return 'it was told before it was written to the store';
      if (!flushed) return 'it was told before it was flushed';
      if (!committed) return 'it was told before the pages that make it the newest were flushed';
      return undefined;
    }
    // Only what is complete counts.
    if (!file.endsWith('data.mdb') || !/ = \d+$/.test(call)) continue;
    if (name === 'fdatasync' || name === 'fsync') flushed = written;
    else if (writes && flushing.has(descriptor)) committed = flushed;
    else if (writes && call.includes(marker)) [written, flushed, committed] = [true, false, false];
  }
  return told ? undefined : 'it was told nobody';
}

/** A call that another thread's came in between of, put together. */
function resumed(text: string, begun: string): string {
  const rest = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
  return rest === undefined ? text : begun + rest;
}
