import { Child, type ChildOptions } from './child.js';
import type { Endings } from './endings.js';
import { projectFile } from './project.js';

/** Starts chit-trace as a process of its own. */
export function traceProgram(endings: Endings, args: readonly string[], options: ChildOptions = {}): Child {
  return new Child(endings, process.execPath, [projectFile('bin/chit-trace'), ...args], options);
}

/** Runs it to its end. */
export async function traced(
  endings: Endings,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<{ readonly code: number | NodeJS.Signals; readonly lines: string[]; readonly errorLines: string[] }> {
  const child = traceProgram(endings, args, options);
  const code = await child.ended;
  return { code, lines: child.lines, errorLines: child.errorLines };
}
