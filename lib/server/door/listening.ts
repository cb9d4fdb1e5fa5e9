import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** The addresses at which a machine reaches itself. Names such as localhost mean them, whatever a resolver says (RFC 6761, 6.3). */
const loopback: readonly string[] = ['127.0.0.1', '::1'];

/**
 * All addresses that `host` stands for, each once: clients choose one of them by rules of their own, so a server has to listen
 * on every one. An address stands for itself, localhost for both loopback addresses. Rejects with the resolver's error.
 */
export async function listenAddresses(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const isLocalhost = /^(?:.+\.)?localhost\.?$/i.test(host);
  const resolved = lookup(host, { all: true });
  const found = await (isLocalhost ? resolved.catch(() => []) : resolved);
  return [...new Set([...(isLocalhost ? loopback : []), ...found.map(({ address }) => address)])];
}

/** Whether the error of a `listen` says that this machine has no such address, and not that the address cannot be had. */
export function isAddressMissing({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}

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
