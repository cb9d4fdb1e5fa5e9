/**
 * A session's id is `room:secret`, the secret 128 random bits in base64url. Naming the room in it lets any server that
 * knows the room find the session, also after a restart, without a table of its own. To clients it is opaque.
 */
export function sessionId(room: string, secret: Uint8Array): string {
  return `${room}:${Buffer.from(secret).toString('base64url')}`;
}

/** The room that a session id names, or undefined where it is none. The session need not exist. */
export function roomOfSession(session: string): string | undefined {
  return /^([a-z0-9._-]+):[\w-]{22}$/.exec(session)?.[1];
}
