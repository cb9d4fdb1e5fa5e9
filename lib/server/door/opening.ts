import type { Socket } from 'node:net';
import { clientPreface as preface } from './http2-frames.js';

/** What a connection speaks, by its first bytes. */
export type Opening = 'http2' | 'http1' | 'other';

/** What a connection that began with `bytes` speaks; undefined while that is open, which it is for 23 bytes at most. */
export function openingOf(bytes: Buffer): Opening | undefined {
  const compared = Math.min(bytes.length, preface.length);
  if (bytes.compare(preface, 0, compared, 0, compared) === 0) return compared < preface.length ? undefined : 'http2';
  // A request line: a method, then a space. None in use on a port like this has more than 16 letters.
  const [method, next] = /^([A-Z]{1,16})([^A-Z]?)/.exec(bytes.toString('latin1', 0, preface.length))?.slice(1) ?? [];
  if (!method) return 'other';
  if (next === ' ') return 'http1';
  return next === '' && method.length === bytes.length ? undefined : 'other';
}

/**
 * Calls `decided` once with what `socket` speaks, all that was read put back; `inTurn` says when is looked at what
 * came. A socket that ends, fails or is destroyed before that is not heard of again.
 */
export function readOpening(
  socket: Socket,
  inTurn: (read: () => void) => void,
  decided: (opening: Opening) => void,
): void {
  let seen: Buffer = Buffer.alloc(0);
  let waits = false;
  const came = (): void => {
    if (waits) return;
    waits = true;
    inTurn(read);
  };
  const read = (): void => {
    waits = false;
    if (socket.destroyed) return;
    for (let bytes = socket.read(); bytes !== null; bytes = socket.read()) {
      seen = Buffer.concat([seen, bytes as Buffer]);
    }
    const opening = openingOf(seen);
    if (!opening) return;
    socket.off('readable', came);
    socket.unshift(seen);
    decided(opening);
  };
  socket.on('readable', came);
}
