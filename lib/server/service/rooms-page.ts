import type { ListRoomsRequest } from '../../codec/messages.js';
import { encodeRoomsPage } from '../../codec/responses.js';
import type { Limits } from '../../core/limits.js';
import type { RoomsAnswer, ServerRequest } from '../actors/messages.js';

/** What the actors tell of a room. */
type RoomHead = RoomsAnswer['rooms'][number];

/** What is laid behind the rooms of a page that is not the last one. */
const moreRooms = encodeRoomsPage({ rooms: [], more: true });

/** The rooms' encodings, each made once for each change of its room: with a change a room has another head. */
export type RoomEncodings = WeakMap<RoomHead, Buffer>;

export interface RoomsPageParts {
  readonly request: ListRoomsRequest;
  readonly limits: Pick<Limits, 'pageBytesMax' | 'readEntriesPerTurnMax'>;
  readonly encodings: RoomEncodings;
  readonly ask: (request: ServerRequest) => void;
}

/**
 * One page of the list of rooms, by name, looked up in parts of at most `readEntriesPerTurnMax` rooms. It ends with the
 * last room, where it has as many as were asked for, or where one more would be more than `pageBytesMax` bytes; `more`
 * then says that there are others.
 */
export class RoomsPage {
  readonly #parts: RoomsPageParts;
  readonly #rooms: Buffer[] = [];
  #bytes = 0;
  #after: string;

  constructor(parts: RoomsPageParts) {
    this.#parts = parts;
    this.#after = parts.request.after;
  }

  /** Looks up the next part. Then calls one, once: `more` where the page goes on, or `done` with all of it, encoded. */
  readOn(more: () => void, done: (page: Buffer) => void): void {
    const { limits, ask } = this.#parts;
    // One more than the page may have: whether there is more is part of it.
    const limit = Math.min(limits.readEntriesPerTurnMax, this.#countMax - this.#rooms.length + 1);
    const answer = ({ rooms: heads }: RoomsAnswer): void => {
      const isFull = !heads.every((head) => this.#add(head));
      if (!isFull && heads.length === limit) {
        more();
        return;
      }
      if (isFull) this.#rooms.push(moreRooms);
      const page = Buffer.concat(this.#rooms);
      // Whoever still knows of the page is not to hold it twice.
      this.#rooms.length = 0;
      done(page);
    };
    ask({ kind: 'list-rooms', after: this.#after, limit, replyTo: { tell: answer } });
  }

  get #countMax(): number {
    return this.#parts.request.limit || Number.POSITIVE_INFINITY;
  }

  /** False if it does not fit. */
  #add(head: RoomHead): boolean {
    const bytes = this.#encoded(head);
    const fits = this.#rooms.length === 0 || this.#bytes + bytes.length <= this.#parts.limits.pageBytesMax;
    if (!fits || this.#rooms.length >= this.#countMax) return false;
    this.#rooms.push(bytes);
    this.#bytes += bytes.length;
    this.#after = head.room;
    return true;
  }

  #encoded(head: RoomHead): Buffer {
    const { encodings } = this.#parts;
    let bytes = encodings.get(head);
    if (!bytes) {
      const { room: name, participants, place } = head;
      const { sequence, lamport } = place;
      bytes = encodeRoomsPage({ rooms: [{ name, participants, sequence, lamport }], more: false });
      encodings.set(head, bytes);
    }
    return bytes;
  }
}
