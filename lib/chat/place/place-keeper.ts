import type { SavedSession, Status } from '../../client/chat-client.js';
import { chatLimits } from '../limits.js';

/** Where a place is kept; see `PlaceFile`. */
export interface PlaceStore {
  readonly path: string;
  write(place: SavedSession): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Keeps the place of a visit up to date in its store: within `placeMsMax`, or at once where that is asked for, one write
 * at a time, the newest place only.
 *
 * A session's place is kept only once all that happened before its own Joined is taken in: resumed from before that, the
 * participant would take the end of its earlier session for the end of this one. Until then the store has the place of the
 * session before, from which what is missing is filled in.
 */
export class PlaceKeeper {
  /** Told, once, that the place cannot be kept, and where it cannot be removed, in sentences for people. */
  onFailure: (text: string) => void = () => {};
  readonly #store: PlaceStore;
  /** From where on the places of which session are good to go on from. */
  #good: Pick<SavedSession, 'session' | 'sequence'>;
  #newest: SavedSession | undefined;
  #early: SavedSession | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #urgent = false;
  #told = false;
  #closed = false;

  /** `session`: that of the place with which the visit began, if it has been resumed. */
  constructor(store: PlaceStore, session = '') {
    this.#store = store;
    this.#good = { session, sequence: 0 };
  }

  get path(): string {
    return this.#store.path;
  }

  /** Takes in how the visit stands, and its place now. */
  stand(status: Status, { session, sequence }: SavedSession): void {
    if (status.state !== 'live' || session === this.#good.session) return;
    this.#good = { session, sequence };
    if (this.#early) this.note(this.#early);
  }

  /** The place reached: written within `placeMsMax`. */
  note(place: SavedSession): void {
    if (!this.#accept(place)) return;
    this.#timer ??= setTimeout(() => this.#write(), chatLimits.placeMsMax);
  }

  /** As `note`, but written without delay. */
  noteNow(place: SavedSession): void {
    if (this.#accept(place)) this.#write();
  }

  /**
   * Resolves when what was noted is written, if it can be, or, where the visit is `over` for good and its place is of no
   * use, removed. What is noted later is not kept.
   */
  async close(over: boolean): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#urgent = false;
    await this.#writing;
    if (over) await this.#store.remove().catch((error: Error) => this.#tellLeftBehind(error));
    else {
      this.#write();
      await this.#writing;
    }
  }

  /** False where it is not good to go on from, yet. */
  #accept(place: SavedSession): boolean {
    if (this.#closed) return false;
    const good = place.session === this.#good.session && place.sequence >= this.#good.sequence;
    this.#early = good ? undefined : place;
    if (good) this.#newest = place;
    return good;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing) {
      this.#urgent = true;
      return;
    }
    const place = this.#newest;
    if (!place) return;
    this.#newest = undefined;
    this.#urgent = false;
    this.#writing = this.#store
      .write(place)
      .catch((error: Error) => {
        this.#tellNotKept(error);
        this.#newest ??= place;
      })
      .then(() => {
        this.#writing = undefined;
        if (this.#closed) return;
        if (this.#urgent) this.#write();
        // Also what could not be written: a full disk has room again some time.
        else if (this.#newest) this.#timer ??= setTimeout(() => this.#write(), chatLimits.placeMsMax);
      });
  }

  #tellNotKept({ message }: Error): void {
    if (this.#told) return;
    this.#told = true;
    this.onFailure(
      `Your place cannot be kept in ${this.path} (${message}). If this client is killed, it may have to join anew.`,
    );
  }

  #tellLeftBehind({ message }: Error): void {
    this.onFailure(
      `Your place is left behind in ${this.path} (${message}). It is of no use any more: remove that file.`,
    );
  }
}
