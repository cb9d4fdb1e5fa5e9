/** A system call as strace recorded it. */
export interface SystemCall {
  readonly name: string;
  /** As strace writes them, strings in hexadecimal digits. */
  readonly args: string;
  /** Undefined where the process ended before it returned. */
  readonly result: number | undefined;
}

/** The beginning of a call, or its end: what it did is done at some time between the two. */
export interface Moment {
  readonly kind: 'begin' | 'end';
  /** When that or a little earlier, in milliseconds since 1970. */
  readonly atMs: number;
  readonly call: SystemCall;
}

/** What has to be recorded: calls that change files or names, that make them durable, and that send. */
export const recordedCalls = [
  ...['openat', 'open', 'creat', 'dup', 'dup2', 'dup3', 'fcntl', 'lseek'],
  ...['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'ftruncate', 'truncate', 'fallocate'],
  ...['rename', 'renameat', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat', 'mkdir', 'mkdirat', 'rmdir'],
  ...['fsync', 'fdatasync', 'sync', 'syncfs', 'sync_file_range', 'msync', 'mmap'],
  ...['copy_file_range', 'sendfile', 'splice', 'io_uring_setup', 'sendmsg', 'sendto'],
] as const;

/** The options with which strace makes a record that `momentsOf` understands. */
export const straceOptions: readonly string[] = [
  ...['-f', '-y', '-ttt', '-qq', '-xx', '-s', String(16 * 1024 * 1024), '--seccomp-bpf'],
  ...['-e', `trace=${recordedCalls.join(',')}`, '-e', 'signal=none'],
];

/**
 * The moments of a record of `strace -f -y -ttt -xx`, in its order: that is one in which they happened, as strace stops
 * each thread at both. Throws where the record is not whole.
 */
export function momentsOf(record: string): Moment[] {
  const moments: Moment[] = [];
  const underWay = new Map<string, { readonly name: string; readonly args: string; readonly at: number }>();
  for (const line of record.split('\n')) {
    const [head, thread = '', seconds = ''] = /^(\d+) +(\d+\.\d+) /.exec(line) ?? [];
    if (!head) continue;
    const atMs = Number(seconds) * 1000;
    const text = line.slice(head.length);
    const [resumed, resumedName] = /^<\.\.\. (\w+) resumed>/.exec(text.slice(0, 80)) ?? [];
    if (resumed) {
      const begun = underWay.get(thread);
      if (begun?.name !== resumedName) throw new Error(`a call ${resumedName} ends that has not begun`);
      underWay.delete(thread);
      const rest = parted(text.slice(resumed.length));
      const call = { name: begun?.name ?? '', args: (begun?.args ?? '') + rest.args, result: rest.result };
      // Its beginning has the same call, with the result that it was to have.
      const { at } = begun ?? { at: 0 };
      moments[at] = { ...(moments[at] as Moment), call };
      moments.push({ kind: 'end', atMs, call });
      continue;
    }
    const name = /^\w+/.exec(text.slice(0, 80))?.[0];
    if (!name) continue;
    const body = text.slice(name.length + 1);
    if (body.endsWith(unfinished)) {
      const args = body.slice(0, -unfinished.length);
      underWay.set(thread, { name, args, at: moments.length });
      moments.push({ kind: 'begin', atMs, call: { name, args, result: undefined } });
      continue;
    }
    const call = { name, ...parted(body) };
    moments.push({ kind: 'begin', atMs, call });
    if (call.result !== undefined) moments.push({ kind: 'end', atMs, call });
  }
  return moments;
}

const unfinished = ' <unfinished ...>';

/** `3<…>, "…", 5) = 5` */
function parted(text: string): { readonly args: string; readonly result: number | undefined } {
  const at = text.lastIndexOf(' = ');
  if (at < 0) throw new Error(`a call without a result: ${text.slice(0, 80)}`);
  const result = Number.parseInt(text.slice(at + 3), text.startsWith('0x', at + 3) ? 16 : 10);
  return { args: text.slice(0, text.lastIndexOf(')', at)), result: Number.isNaN(result) ? undefined : result };
}

/** The descriptor that the arguments begin with, and what it is of. */
export function descriptorOf(args: string): { readonly descriptor: number; readonly of: string } | undefined {
  const [, descriptor, of = ''] = /^(\d+)<([^>]*)>/.exec(args.slice(0, 20_000)) ?? [];
  return descriptor === undefined ? undefined : { descriptor: Number(descriptor), of: unescaped(of).toString('utf8') };
}

/** All strings among the arguments, in their order. Throws where strace cut one short. */
export function stringsOf(args: string): Buffer[] {
  const strings: Buffer[] = [];
  // Within a string everything is a hexadecimal digit, so the next quotation mark ends it.
  for (let from = args.indexOf('"'); from >= 0; ) {
    const to = args.indexOf('"', from + 1);
    if (to < 0 || args.startsWith('...', to + 1)) throw new Error('strace did not record all of a string');
    strings.push(unescaped(args.slice(from + 1, to)));
    from = args.indexOf('"', to + 1);
  }
  return strings;
}

/** The number behind the last comma of the arguments. */
export function lastNumberOf(args: string): number {
  return Number(args.slice(args.lastIndexOf(',') + 1));
}

function unescaped(text: string): Buffer {
  return text.includes('\\x') ? Buffer.from(text.replaceAll('\\x', ''), 'hex') : Buffer.from(text, 'latin1');
}
