import type { Child } from './child.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';

/** What makes a Node program one that can be asked by `heldMemory`, as the beginning of its arguments. */
export const tellsItsMemory = [
  '--expose-gc',
  '--import',
  `data:text/javascript,process.on('SIGUSR2', () => {
  gc();
  process.stderr.write(JSON.stringify(process.memoryUsage()) + '\\n');
});`,
] as const;

/** A chit-server that can be asked by `heldMemory`, as the `program` of its start. */
export const serverThatTellsItsMemory = [process.execPath, ...tellsItsMemory, projectFile('bin/chit-server')] as const;

/** What a program cannot do without at present, after all garbage is collected, in MiB. */
export interface HeldMemory {
  readonly heapMib: number;
  readonly buffersMib: number;
}

/** Has the program collect its garbage, and resolves with what is left. */
export async function heldMemory({ child }: { readonly child: Child }): Promise<HeldMemory> {
  const told = () => child.errorLines.filter((line) => line.startsWith('{"rss"'));
  const before = told().length;
  child.signal('SIGUSR2');
  const line = await eventually('what it holds', () => told()[before]);
  const { heapUsed, arrayBuffers } = JSON.parse(line);
  return { heapMib: heapUsed / 2 ** 20, buffersMib: arrayBuffers / 2 ** 20 };
}

/** The same, objects and buffers together. */
export async function heldMib(program: { readonly child: Child }): Promise<number> {
  const { heapMib, buffersMib } = await heldMemory(program);
  return heapMib + buffersMib;
}
