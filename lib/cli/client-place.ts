import type { VisitPlace } from '../client/index.js';
import { PlaceFile, PlaceInUse, PlaceUnusable } from '../client/place/place-file.js';
import { isPlaceOf } from '../client/place/place-text.js';

/** The file in which a client keeps its place, and what an earlier one has left there. */
export interface FoundPlace {
  /** Undefined where none is kept. */
  readonly file: PlaceFile | undefined;
  /** Undefined where there is nothing to go on with. */
  readonly place: VisitPlace | undefined;
  /** What the user should know of it, in sentences. */
  readonly news: readonly string[];
}

export const noPlace: FoundPlace = { file: undefined, place: undefined, news: [] };

/**
 * Takes the file at `path` and what is in it of this participant. One that another client has is left alone, one that
 * cannot be gone on with is not: both are told of, and the visit begins anew. Throws the system's errors.
 */
export function findPlace(path: string, visit: Pick<VisitPlace, 'server' | 'room' | 'name'>): FoundPlace {
  let file: PlaceFile;
  try {
    file = PlaceFile.open(path);
  } catch (error) {
    if (!(error instanceof PlaceInUse)) throw error;
    const by = error.holder && ` (process ${error.holder})`;
    return { ...noPlace, news: [`Another chit-client${by} keeps its place in ${path}, so this one keeps none.`] };
  }
  const unusable = (because: string): FoundPlace => {
    return { file, place: undefined, news: [`The place in ${path} is not gone on from: ${because}. You join anew.`] };
  };
  try {
    const place = file.read();
    if (!place || isPlaceOf(place, visit)) return { file, place, news: [] };
    return unusable(`it is of ${place.name} in ${place.room} on ${place.server}`);
  } catch (error) {
    if (error instanceof PlaceUnusable) return unusable(error.message);
    file.close();
    throw error;
  }
}
