import { readFileSync } from 'node:fs';

/** Where Linux keeps the longest queue that any `listen` is given, whatever it asks for (listen(2), `net.core.somaxconn`). */
const systemLimitFile = '/proc/sys/net/core/somaxconn';

/**
 * How many connections the system lets wait to be accepted where `wanted` are asked for. Beyond that it drops what comes, and
 * each client tries again after a second, then two, then four: in a storm longer than a session's grace. Other systems than
 * Linux do not say; there it is `wanted`.
 */
export function grantedBacklog(wanted: number, file: string = systemLimitFile): number {
  try {
    const systemLimit = Number(readFileSync(file, 'utf8'));
    return Number.isSafeInteger(systemLimit) && systemLimit > 0 ? Math.min(wanted, systemLimit) : wanted;
  } catch {
    return wanted;
  }
}
