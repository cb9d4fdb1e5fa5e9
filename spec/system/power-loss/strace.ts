import { spawnSync } from 'node:child_process';
import { onPath } from '../on-path.js';

/** Why no program can be recorded here; undefined where it can. */
export function withoutStrace(): string | undefined {
  const strace = onPath(['strace']);
  if (strace === undefined) return 'strace is not installed';
  // It may be there and not be allowed to look on.
  const { status, stderr } = spawnSync(strace, ['-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', 'true']);
  return status === 0 ? undefined : `strace cannot look on: ${String(stderr).trim().split('\n')[0]}`;
}
