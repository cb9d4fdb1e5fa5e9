import { userInfo } from 'node:os';
import { defaultLimits } from '../core/limits.js';
import { isName } from '../core/name.js';

const fallback = 'guest';

/** The name of the machine's user, cut to what a participant may be called; `guest` where nothing of it is left. */
export function defaultName(user: string | undefined = userName()): string {
  const { nameCodePointsMax } = defaultLimits;
  const kept = (user ?? '')
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{Nd}_.-]/gu, '')
    .replace(/^\p{M}+/u, '');
  const name = Array.from(kept).slice(0, nameCodePointsMax).join('');
  return isName(name, nameCodePointsMax) ? name : fallback;
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // In a container a process can run as a user that the system does not know.
    return undefined;
  }
}
