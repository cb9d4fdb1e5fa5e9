import { PlaceFile, PlaceInUse } from '../chat/place/place-file.js';
import { isPlaceOf } from '../chat/place/place-text.js';
import { PlaceUnusable, readPlace } from '../chat/place/read-place.js';
import type { SavedSession } from '../client/index.js';

/** The file in which a client keeps its place, and what an earlier one has left there. */
export interface FoundPlace {
  /** Undefined where none is kept. */
  readonly file: PlaceFile | undefined;
  /** Undefined where there is nothing to go on with. */
  readonly place: SavedSession | undefined;
  /** What the user should know of it, in sentences. */
  readonly news: readonly string[];
}

export const noPlace: FoundPlace = { file: undefined, place: undefined, news: [] };

/** Whose a visit is. */
type Whose = Pick<SavedSession, 'server' | 'room' | 'name'>;

/**
 * Takes the file at `path` and what is in it of this participant. One that another client has is left alone, and it is
 * told of. What cannot be gone on with is replaced and told of, and the visit begins anew; but where the user has `named`
 * the file, only a damaged place is. Everything else could be of use to somebody: then it throws `PlaceUnusable`, and
 * nothing is touched. Throws the errors of the system and of the lock, too.
 */
export function findPlace(path: string, visit: Whose, named: boolean): FoundPlace {
  // Before a lock is laid beside it.
  if (named) look(path, visit, named);
  let file: PlaceFile;
  try {
    file = PlaceFile.open(path);
  } catch (error) {
    if (!(error instanceof PlaceInUse)) throw error;
    const by = error.holder && ` (process ${error.holder})`;
    return { ...noPlace, news: [`Another chit-client${by} keeps its place in ${path}, so this one keeps none.`] };
  }
  try {
    return { file, ...look(path, visit, named) };
  } catch (error) {
    file.close();
    throw error;
  }
}

function look(path: string, visit: Whose, named: boolean): Omit<FoundPlace, 'file'> {
  try {
    const place = readPlace(path);
    if (!place || isPlaceOf(place, visit)) return { place, news: [] };
    throw new PlaceUnusable(`it is the place of ${place.name} in ${place.room} on ${place.server}`);
  } catch (error) {
    if (!(error instanceof PlaceUnusable) || (named && !error.replaceable)) throw error;
    return {
      place: undefined,
      news: [`The place in ${path} cannot be used: ${error.message}. You join anew.`],
    };
  }
}
