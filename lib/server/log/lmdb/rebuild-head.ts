import { chainStart, nextChain } from '../../../core/chain.js';
import { sealedJson } from '../checksum.js';
import { type RoomHead, type RoomLogId, renewedHead } from '../event-log.js';
import type { LmdbStore } from './lmdb-store.js';
import { type Damage, parsed, type SoundReader } from './sound-reader.js';
import { idOf, storedId } from './stored-values.js';

/** A room's head; made anew, for good, where it is damaged. Undefined where the room has no entry. */
export function soundHead(
  room: string,
  store: LmdbStore,
  reader: SoundReader,
  damaged: (damage: Damage) => void,
): RoomHead | undefined {
  const head = parsed<RoomHead>(store.head(room), 'head', room);
  if (head) return head;
  const id = idOf(parsed<unknown>(store.id(room), 'id', room));
  const rebuilt = rebuiltHead(room, id, store.newestEntry(room), reader);
  if (!rebuilt) return undefined;
  // At once: a log id that was made up must be the same the next time.
  store.commitSync({
    heads: [[room, sealedJson(rebuilt, 'head', room)]],
    ids: [[room, storedId(rebuilt, room)]],
  });
  damaged({ kind: 'head', room, sequence: rebuilt.place.sequence, newLogId: rebuilt.logId !== id?.logId });
  return rebuilt;
}

/**
 * The head that a room's entries up to `newest` say. Takes the time of reading them all. It ends before an entry that
 * does not follow from the one before: that one was never acknowledged, for a failed write may have left it behind a
 * later one. The log id is another one where `id` is undefined, because it is lost, and where the newest entries
 * cannot be read.
 */
function rebuiltHead(
  room: string,
  id: RoomLogId | undefined,
  newest: number,
  reader: SoundReader,
): RoomHead | undefined {
  let place = { sequence: 0, lamport: 0, chain: chainStart };
  let participants = 0;
  let lost = false;
  /** Where the entries before cannot be read, the next one's chain is taken as it stands. */
  let known = true;
  for (let sequence = 1; sequence <= newest; sequence += 1) {
    const event = reader.entry(room, sequence)?.event;
    if (!event) {
      known = false;
      lost = true;
      continue;
    }
    if (known && event.chain !== nextChain(place.chain, event)) break;
    known = true;
    participants += event.kind === 'joined' ? 1 : event.kind === 'left' ? -1 : 0;
    place = { sequence: event.sequence, lamport: event.lamport, chain: event.chain };
  }
  if (place.sequence === 0) return undefined;
  // Where a Joined or a Left may be lost, a participant may be there whose session is to be ended.
  const there = { room, place, participants: Math.max(participants, lost ? 1 : 0) };
  // What cannot be read at the end will be written over: one sequence is one event within a log id only [P1].
  return known && id ? { ...there, ...id } : renewedHead(there);
}
