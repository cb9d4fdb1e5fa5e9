import { encodeEvent } from '../../lib/codec/event-codec.js';
import type { RoomEvent } from '../../lib/core/event.js';

/** The tag of field 31, length-delimited: a kind that the contract may come to have. */
const newerKind = Buffer.from([0xfa, 0x01]);
const eventsTag = 0x0a;
/** Of a Joined without content. */
const joinedField = Buffer.from([0x2a, 0x00]);

/** As `encodeEvent`, and an unknown event as a server with a newer contract would: its kind is a field that nobody here knows. */
export function encodeNewerEvent(event: RoomEvent): Buffer {
  if (event.kind !== 'unknown') return encodeEvent(event);
  const joined = encodeEvent({ ...event, kind: 'joined' });
  const content = joined.subarray(joined.indexOf(eventsTag) + 2);
  const at = content.lastIndexOf(joinedField, content.length - 9);
  const newer = Buffer.concat([
    content.subarray(0, at),
    content.subarray(at + joinedField.length),
    newerKind,
    Buffer.from([4]),
    Buffer.from('wave'),
  ]);
  return Buffer.concat([Buffer.from([eventsTag, newer.length]), newer]);
}
