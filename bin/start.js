import { existsSync, readFileSync } from 'node:fs';
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

/** How many files a process is allowed to have open, from which on all modules can be opened at once. */
const filesForAllAtOnce = 512;

/** What `module` of dist, that of `program`, exports. Where it is not built, or cannot be opened, says in one line what to do, and ends with 1. */
export async function load(program, module) {
  const [url, descriptors] = [module, 'platform/descriptors.js'].map(
    (path) => new URL(`../dist/${path}`, import.meta.url),
  );
  if (!existsSync(url) || !existsSync(descriptors)) {
    const folder = fileURLToPath(new URL('..', import.meta.url));
    console.error(`${program}: it is not built yet. Run "npm install" in ${folder}, then start it again.`);
    process.exit(1);
  }
  const { descriptorsMax } = await import(descriptors.href);
  const filesMax = descriptorsMax();
  try {
    // Node opens all that a module imports at once: with few files to have open, no program would start.
    if (filesMax !== undefined && filesMax < filesForAllAtOnce) await loadAfterItsImports(url, new Set());
    return await import(url.href);
  } catch (error) {
    if (error?.code !== 'EMFILE') throw error;
    console.error(`${program}: a process may have only ${filesMax} files open here; allow 64 or more (ulimit -n 64).`);
    process.exit(1);
  }
}

async function loadAfterItsImports(module, loaded) {
  if (loaded.has(module.href)) return;
  loaded.add(module.href);
  for (const [, path] of readFileSync(module, 'utf8').matchAll(/^(?:import|export) [^']*'(\.[^']+)';$/gm)) {
    await loadAfterItsImports(new URL(path, module), loaded);
  }
  await import(module.href);
}
