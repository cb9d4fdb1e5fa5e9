import { Child } from '../system/child.js';
import type { Endings } from '../system/endings.js';
import { projectFile } from '../system/project.js';
import { logNames } from './run.js';

const logs = logNames.map((name) => `docs/logs/${name}`);

/** What `chit-trace check` prints of the logs in `folder`/docs/logs. Rejects where it does not find every promise kept. */
export async function verdict(endings: Endings, folder: string): Promise<string> {
  return chitTrace(endings, folder, ['check', '--strict', ...logs]);
}

/** Has `chit-trace draw` draw them into `file` [H4], a path as seen from `folder`. */
export async function diagram(endings: Endings, folder: string, file: string): Promise<void> {
  await chitTrace(endings, folder, ['draw', ...logs, '-o', file]);
}

async function chitTrace(endings: Endings, cwd: string, args: readonly string[]): Promise<string> {
  const child = new Child(endings, process.execPath, [projectFile('bin/chit-trace'), ...args], { cwd });
  const code = await child.ended;
  const [said, errors] = [child.lines.join('\n'), child.errorLines.join('\n')];
  if (code !== 0) throw new Error(`chit-trace ${args[0]} ended with ${code}: ${errors || said}`);
  return said;
}
