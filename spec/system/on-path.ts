import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where the first of some programs is that is installed; looked for on PATH, and then in `elsewhere`. */
export function onPath(programs: readonly string[], elsewhere: readonly string[] = []): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...elsewhere];
  return folders.flatMap((folder) => programs.map((program) => join(folder, program))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
