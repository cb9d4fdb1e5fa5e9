import { sha256 } from '#sha256';

/**
 * A session's id is `room:secret`, the secret 128 random bits in base64url. Naming the room in it lets any server that
 * knows the room find the session, also after a restart, without a table of its own. To clients it is opaque.
 */
export function sessionId(room: string, secret: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...secret));
  return `${room}:${base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** The room that a session id names, or undefined where it is none. The session need not exist. */
export function roomOfSession(session: string): string | undefined {
  return /^([a-z0-9._-]+):[\w-]{22}$/.exec(session)?.[1];
}

/** A session as log records name it [T4]: a short fingerprint, for the id is a secret that lets its holder speak. */
export function sessionTag(session: string): string {
  return sha256(session).slice(0, 12);
}
