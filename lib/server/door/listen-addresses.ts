import { lookup } from 'node:dns/promises';
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
