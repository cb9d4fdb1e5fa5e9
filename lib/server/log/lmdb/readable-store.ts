import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

/** Reads every record of a store, by which its process ends where there is none. */
const program = `
const [library, path] = process.argv.slice(1);
const { open } = require(library);
const root = open({ path, noSubdir: false, readOnly: true, encoding: 'binary' });
for (const name of [...root.getKeys()]) {
  for (const { value } of root.openDB(String(name), { encoding: 'binary' }).getRange()) value.length;
}
`;

/**
 * Whether LMDB can read the store in `directory` from end to end. It ends the process that tries and cannot, so another one
 * tries: that takes as long as reading it all, and is for a store about which there is a doubt.
 */
export function canBeRead(directory: string): boolean {
  const library = createRequire(import.meta.url).resolve('lmdb');
  const args = ['--input-type=commonjs', '--eval', program, library, directory];
  return spawnSync(process.execPath, args, { stdio: 'ignore' }).status === 0;
}
