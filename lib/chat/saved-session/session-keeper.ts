import type { SavedSession, Status } from '../../client/chat-client.js';
import { chatLimits } from '../limits.js';

/** Where a session is kept; see `SavedSessionFile`. */
export interface SavedSessionStore {
  readonly path: string;
  write(saved: SavedSession): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Keeps the saved session up to date in its store: within `savedSessionMsMax`, or at once where that is asked for, one
 * write at a time, the newest only.
 *
 * A session is kept only once all that happened before its own Joined is taken in: resumed from before that, the
 * participant would take the end of its earlier session for the end of this one. Until then the store has the
 * session before, from which what is missing is filled in.
 */
export class SessionKeeper {
  /** Told, once, that the session cannot be kept, and where it cannot be removed, in sentences for people. */
  onFailure: (text: string) => void = () => {};
  readonly #store: SavedSessionStore;
  /** From where on which session is good to go on from. */
  #good: Pick<SavedSession, 'session' | 'sequence'>;
  #newest: SavedSession | undefined;
  #early: SavedSession | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #urgent = false;
  #told = false;
  #closed = false;

  /** `session`: the one that is resumed, if any. */
  constructor(store: SavedSessionStore, session = '') {
    this.#store = store;
    this.#good = { session, sequence: 0 };
  }

  get path(): string {
    return this.#store.path;
  }

  /** Takes in how the session stands, and what is to be kept of it now. */
  stand(status: Status, { session, sequence }: SavedSession): void {
    if (status.state !== 'live' || session === this.#good.session) return;
    this.#good = { session, sequence };
    if (this.#early) this.note(this.#early);
  }

  /** What is reached: written within `savedSessionMsMax`. */
  note(saved: SavedSession): void {
    if (!this.#accept(saved)) return;
    this.#timer ??= setTimeout(() => this.#write(), chatLimits.savedSessionMsMax);
  }

  /** As `note`, but written without delay. */
  noteNow(saved: SavedSession): void {
    if (this.#accept(saved)) this.#write();
  }

  /**
   * Resolves when what was noted is written, if it can be, or, where the session is `over` for good and what is kept is
   * of no use, removed. What is noted later is not kept.
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
  #accept(saved: SavedSession): boolean {
    if (this.#closed) return false;
    const good = saved.session === this.#good.session && saved.sequence >= this.#good.sequence;
    this.#early = good ? undefined : saved;
    if (good) this.#newest = saved;
    return good;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing) {
      this.#urgent = true;
      return;
    }
    const saved = this.#newest;
    if (!saved) return;
    this.#newest = undefined;
    this.#urgent = false;
    this.#writing = this.#store
      .write(saved)
      .catch((error: Error) => {
        this.#tellNotKept(error);
        this.#newest ??= saved;
      })
      .then(() => {
        this.#writing = undefined;
        if (this.#closed) return;
        if (this.#urgent) this.#write();
        // Also what could not be written: a full disk has room again some time.
        else if (this.#newest) this.#timer ??= setTimeout(() => this.#write(), chatLimits.savedSessionMsMax);
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
