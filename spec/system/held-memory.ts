import { eventually } from './eventually.js';
import { projectFile } from './project.js';
import type { ServerProcess } from './server-process.js';

const tellsOnSignal = `data:text/javascript,process.on('SIGUSR2', () => {
  gc();
  process.stderr.write(JSON.stringify(process.memoryUsage()) + '\\n');
});`;

/** A chit-server that can be asked by `heldMib`, as the `program` of its start. */
export const serverThatTellsItsMemory = [
  process.execPath,
  '--expose-gc',
  '--import',
  tellsOnSignal,
  projectFile('bin/chit-server'),
] as const;

/** What the server cannot do without at present: its objects and buffers, after all garbage is collected, in MiB. */
export async function heldMib({ child }: ServerProcess): Promise<number> {
  const told = () => child.errorLines.filter((line) => line.startsWith('{"rss"'));
  const before = told().length;
  child.signal('SIGUSR2');
  const line = await eventually('what it holds', () => told()[before]);
  const { heapUsed, arrayBuffers } = JSON.parse(line);
  return (heapUsed + arrayBuffers) / 2 ** 20;
}
