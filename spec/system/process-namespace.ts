import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Child } from './child.js';
import type { Endings } from './endings.js';
import { eventually } from './eventually.js';

const options = ['--pid', '--fork', '--kill-child', '--mount-proc'];

/** How unshare makes one here; why it cannot, where it cannot. */
function howToUnshare(): { readonly line: readonly string[] } | { readonly why: string } {
  let why = '';
  for (const line of [options, [...options, '--user', '--map-root-user']]) {
    const { error, status, stderr } = spawnSync('unshare', [...line, 'true']);
    if (!error && status === 0) return { line };
    why = error?.message ?? String(stderr).trim();
  }
  return { why };
}

/** Why no program can be the first process of a namespace here; undefined where it can. */
export function withoutProcessNamespace(): string | undefined {
  const how = howToUnshare();
  return 'why' in how ? how.why : undefined;
}

/** Node as process 1 of a namespace of its own, as in a container: the kernel hands it only signals that it listens to. */
export class FirstProcess {
  readonly child: Child;

  constructor(endings: Endings, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const how = howToUnshare();
    if ('why' in how) throw new Error(how.why);
    this.child = new Child(endings, 'unshare', [...how.line, process.execPath, ...args], { env });
  }

  /** Signals Node; unshare, which waits for it, ignores signals meanwhile and ends as it does. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const { pid } = this.child;
    const offspring = `/proc/${pid}/task/${pid}/children`;
    process.kill(
      await eventually('its process', () => Number(readFileSync(offspring, 'utf8').trim()) || false),
      signal,
    );
  }
}
