import { descriptorOf, type Moment, stringsOf } from './system-calls.js';

/** A text by which a message is known again among all that is sent: of one life, one participant, one count. */
export function markerOf(life: number, participant: string, count: number): string {
  return `~${life}.${participant}.${count}~`;
}

const markers = /~\d+\.[\w-]+\.\d+~/g;

/** Longer than any marker. */
const markerBytesMax = 64;

/**
 * Which texts with a marker were told to any socket, with the number of the first moment at which that had begun: of a
 * call that sends, its beginning. Standard output and standard error are no sockets here.
 */
export function toldIn(moments: readonly Moment[]): ReadonlyMap<string, number> {
  const told = new Map<string, number>();
  /** The last bytes sent to each socket: a marker may be in two writes. */
  const before = new Map<string, string>();
  for (const [number, { kind, call }] of moments.entries()) {
    if (kind !== 'begin' || !/^(writev?|send(msg|to))$/.test(call.name) || (call.result ?? 0) < 0) continue;
    const { descriptor = 0, of = '' } = descriptorOf(call.args) ?? {};
    if (descriptor <= 2 || !/^(TCP|socket|UNIX)/.test(of)) continue;
    const sent = Buffer.concat(stringsOf(call.args)).subarray(0, call.result).toString('latin1');
    const text = (before.get(of) ?? '') + sent;
    for (const [marker] of text.matchAll(markers)) if (!told.has(marker)) told.set(marker, number);
    before.set(of, text.slice(-markerBytesMax));
  }
  return told;
}
