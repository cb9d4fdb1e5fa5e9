import { STATUS_CODES } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { formatHostPort, type HostPort } from '../../platform/host-port.js';

/** A HTTP proxy that makes connections for others (RFC 9110, section 9.3.6). */
export interface HttpProxy extends HostPort {
  /** `user:password`, where it wants to be told. */
  readonly credentials: string | undefined;
}

/** What was named as a proxy is none; the message says what to write. */
export class NotAProxy extends Error {
  override name = 'NotAProxy';
}

/** The variables that name a proxy, the one that counts most first; each in small or in capital letters. */
const proxyVariables = ['grpc_proxy', 'https_proxy', 'http_proxy', 'all_proxy'] as const;
const exceptionVariables = ['no_grpc_proxy', 'no_proxy'] as const;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Reads `http://[USER:PASSWORD@]HOST[:PORT]`, with or without the scheme. Throws `NotAProxy`. */
export function parseProxy(text: string): HttpProxy {
  let url: URL;
  try {
    url = new URL(text.includes('://') ? text : `http://${text}`);
  } catch {
    throw new NotAProxy(usage);
  }
  if (url.protocol !== 'http:' || url.hostname === '' || url.pathname !== '/') throw new NotAProxy(usage);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80), credentials: credentialsIn(url) };
}

const forms =
  'http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT (with %25 for %, %2F for /, %40 for @; USER without a colon)';
const usage = `a proxy is written ${forms}`;

/** How a proxy is written, as an advice. */
export const proxyAdvice = `Write ${forms}.`;

/** As the scheme Basic has them (RFC 7617, section 2): no colon in the user, no control character in either. */
function credentialsIn({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  try {
    const user = decodeURIComponent(username);
    const both = `${user}:${decodeURIComponent(password)}`;
    if (!user.includes(':') && !/\p{Cc}/u.test(both)) return both;
  } catch {
    // A percent sign begins no byte, or the bytes are no text.
  }
  throw new NotAProxy(usage);
}

/**
 * The proxy that the environment names for connections to `server`; undefined where it names none, or excepts this
 * server. This machine itself is never reached by a proxy. Throws `NotAProxy` where what it names is none.
 */
export function proxyFromEnvironment(server: HostPort, env: NodeJS.ProcessEnv = process.env): HttpProxy | undefined {
  const named = variable(env, proxyVariables);
  if (!named || isThisMachine(server.host)) return undefined;
  const exceptions = (variable(env, exceptionVariables) ?? '').split(/[,\s]+/).filter(Boolean);
  return exceptions.some((exception) => excepts(exception.toLowerCase(), server)) ? undefined : parseProxy(named);
}

/** For people, without what only the proxy is to know. */
export function proxyName(proxy: HttpProxy): string {
  return `http://${formatHostPort(proxy)}`;
}

/**
 * Why `proxy` made no connection to `server`, and what to do, in sentences for people. `answer`: the status that it
 * answered to CONNECT (RFC 9110, sections 9.3.6 and 15), or why there was none. The words for a status are the
 * standard's, not the proxy's.
 */
export function proxyFailure(proxy: HttpProxy, server: string, answer: number | string): string {
  const name = `the proxy ${formatHostPort(proxy)}`;
  if (typeof answer === 'string') {
    return `${name} did not make the connection to ${server} (${answer}). Look whether it runs, or name another one.`;
  }
  const status = [answer, STATUS_CODES[answer]].filter(Boolean).join(' ');
  return `${name} answered ${status} when it was asked for ${server}. ${cure(proxy, answer)}`;
}

function cure({ credentials }: HttpProxy, status: number): string {
  if (status === 407) {
    return credentials === undefined
      ? 'Name it with user and password: http://USER:PASSWORD@HOST:PORT.'
      : 'It does not know the user and password that its URL has: put them right.';
  }
  if (status === 401 || status === 403) return 'Have its operator allow that address and port, or go without a proxy.';
  if (status >= 500) return 'It could not reach the server: look whether the address is right, and the server runs.';
  return 'It may be no proxy that makes connections (CONNECT): name another one, or go without.';
}

function variable(env: NodeJS.ProcessEnv, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = env[name] || env[name.toUpperCase()];
    if (value) return value;
  }
  return undefined;
}

function isThisMachine(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return /^(.+\.)?localhost\.?$/i.test(host);
  return loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** `*`, an address, a subnet such as 10.0.0.0/8, or a name, which covers those below it; with or without a port. */
function excepts(exception: string, { host, port }: HostPort): boolean {
  if (exception === '*') return true;
  const [, addresses, prefix] = /^(.+)\/(\d{1,3})$/.exec(exception) ?? [];
  if (addresses !== undefined) return isInSubnet(host, addresses, Number(prefix));
  const withPort = /^(\[.+\]|[^:]+):(\d{1,5})$/.exec(exception);
  if (withPort && Number(withPort[2]) !== port) return false;
  const name = (withPort?.[1] ?? exception)
    .replace(/^\[|\]$/g, '')
    .replace(/^\*?\./, '')
    .replace(/\.$/, '');
  // A name that ends in a dot is the same one, written in full (RFC 1034, section 3.1).
  const asked = host.toLowerCase().replace(/\.$/, '');
  return asked === name || asked.endsWith(`.${name}`);
}

function isInSubnet(host: string, addresses: string, prefix: number): boolean {
  const family = isIP(addresses);
  if (family === 0 || isIP(host) !== family || prefix > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const subnet = new BlockList();
  subnet.addSubnet(addresses, prefix, type);
  return subnet.check(host, type);
}
