import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Ends the process at SIGINT and SIGTERM until the returned function is called. A signal without a listener does not end the first process
 * of a container, and to load the modules takes a while. `code`: the exit code; undefined: as shells have it of a program that a signal has
 * ended, and only where this is the first process: elsewhere the signal does it.
 */
export function endAtSignals(code) {
  if (code === undefined && process.pid !== 1) return () => {};
  const end = (_signal, number) => process.exit(code ?? 128 + number);
  const signals = ['SIGINT', 'SIGTERM'];
  for (const signal of signals) process.on(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}

/** Where `module` of dist is, that of `program`; where there is none, says in one line how to build it, and ends with 1. */
export function built(program, module) {
  const url = new URL(`../dist/${module}`, import.meta.url);
  if (!existsSync(url)) {
    const folder = fileURLToPath(new URL('..', import.meta.url));
    console.error(`${program}: it is not built yet. Run "npm install" in ${folder}, then start it again.`);
    process.exit(1);
  }
  return url;
}
