import { createHash } from 'node:crypto';

/** A session as log records name it [T4]: a short fingerprint, for the id itself is a secret that lets its holder speak. */
export function sessionTag(session: string): string {
  return createHash('sha256').update(session).digest('hex').slice(0, 12);
}
