import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { SavedSession } from '../../client/chat-client.js';
import { chatLimits } from '../limits.js';
import { beginsAsPlace, PlaceDamaged, placeFrom } from './place-text.js';

/** The file cannot be gone on with; the message says why. */
export class PlaceUnusable extends Error {
  override name = 'PlaceUnusable';
  /** Whether it is nevertheless a place that a client of this user has kept, and may be replaced by another. */
  readonly replaceable: boolean;

  constructor(message: string, replaceable = false) {
    super(message);
    this.replaceable = replaceable;
  }
}

/** The place in the file at `path`, undefined if there is no file or nothing in it. Throws `PlaceUnusable`. */
export function readPlace(path: string): SavedSession | undefined {
  try {
    // A pipe would have to be waited for.
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return placeIn(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof PlaceUnusable) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new PlaceUnusable(code === 'ELOOP' ? 'it is a link' : message);
  }
}

function placeIn(file: number): SavedSession | undefined {
  const { mode, size, uid } = fstatSync(file);
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new PlaceUnusable('it is no regular file');
  if (uid !== process.getuid?.()) throw new PlaceUnusable('it belongs to another user');
  if (size === 0) return undefined;
  if (size > chatLimits.placeFileBytesMax) throw new PlaceUnusable('it is too long to be a place of chit-client');
  const place = placeOf(readFileSync(file, 'utf8'));
  if ((mode & 0o077) === 0) return place;
  throw new PlaceUnusable(`others can read or write it (mode ${(mode & 0o777).toString(8)})`, true);
}

function placeOf(text: string): SavedSession {
  try {
    return placeFrom(text);
  } catch (error) {
    if (!(error instanceof PlaceDamaged)) throw error;
    if (!beginsAsPlace(text)) throw new PlaceUnusable('it is no place of chit-client');
    throw new PlaceUnusable(`it is damaged: ${error.message}`, true);
  }
}
