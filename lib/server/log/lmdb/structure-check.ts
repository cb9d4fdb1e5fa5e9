import { statSync } from 'node:fs';
import { join } from 'node:path';
import { canReadPages, LmdbPages, type PageFault } from './lmdb-pages.js';

/** The file of a store is damaged so that LMDB could end the process over it. The message is one line for people. */
export class StoreDamaged extends Error {
  override name = 'StoreDamaged';

  constructor(directory: string, what: string) {
    super(
      `The store ${directory} is damaged: ${what}. See with "chit-server check ${directory}" what of it is good, and have that ` +
        'saved with --cut; or put a copy of the store in its place.',
    );
  }
}

/**
 * Throws `StoreDamaged` where the pages of the store in `directory` are not as LMDB leaves them. Takes about a second for a million
 * events; a file of more than `bytesMax` is not looked at.
 */
export function checkStructure(directory: string, bytesMax = Number.POSITIVE_INFINITY): void {
  const path = join(directory, 'data.mdb');
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || size > bytesMax || !canReadPages()) return;
  const pages = LmdbPages.open(path);
  if (!pages) throw new StoreDamaged(directory, 'what its first pages say of it cannot be read');
  try {
    pages.walk();
    const [first, ...more] = pages.faults;
    if (first)
      throw new StoreDamaged(directory, described(first) + (more.length > 0 ? ` (and ${more.length} more)` : ''));
  } finally {
    pages.close();
  }
}

/** `page 17 is used twice` */
export function described({ page, what }: PageFault): string {
  return `page ${page} ${what}`;
}
