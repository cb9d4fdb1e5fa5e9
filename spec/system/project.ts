import { fileURLToPath } from 'node:url';

/** A file of this checkout. */
export function projectFile(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
