import { type ChildProcess, spawn } from 'node:child_process';
import { promises as dns } from 'node:dns';
import { basename } from 'node:path';
import { experimental, Metadata, status } from '@grpc/grpc-js';
import { parseHostPort } from '../../platform/host-port.js';
import { clientLimits } from '../limits.js';

const scheme = 'chit-name';

/** What a channel is opened to so that looking up the name in `HOST:PORT` ends with the channel. */
export function targetByName(address: string): string {
  return `${scheme}:${address}`;
}

type Target = experimental.GrpcUri;
type Listener = experimental.ResolverListener;

/**
 * Finds the addresses for a channel, once: a connection is for one try. Unlike grpc-js's own resolver it leaves nothing
 * behind that would keep a process from ending, and asks for no service configuration (a TXT record).
 */
class NameResolver implements experimental.Resolver {
  readonly #target: Target;
  readonly #listener: Listener;
  #found = false;
  #lookUp: LookUp | undefined;

  constructor(target: Target, listener: Listener) {
    this.#target = target;
    this.#listener = listener;
  }

  static getDefaultAuthority(target: Target): string {
    return target.path;
  }

  updateResolution(): void {
    if (this.#found || this.#lookUp) return;
    const { host, port } = parseHostPort(this.#target.path, 1) ?? { host: this.#target.path, port: 0 };
    const one = addressesOf(host);
    this.#lookUp = one;
    one.addresses.then(
      (addresses) => {
        if (this.#lookUp !== one) return;
        this.#found = true;
        const endpoints = addresses.map((address) => ({ addresses: [{ host: address, port }] }));
        this.#listener(experimental.statusOrFromValue(endpoints), {}, null, '');
      },
      ({ message }: Error) => {
        if (this.#lookUp !== one) return;
        this.#lookUp = undefined;
        const failure = { code: status.UNAVAILABLE, details: message, metadata: new Metadata() };
        this.#listener(experimental.statusOrFromError(failure), {}, null, '');
      },
    );
  }

  destroy(): void {
    this.#lookUp?.cancel();
    this.#lookUp = undefined;
    this.#found = false;
  }
}

/** Names of this machine itself stand for its loopback addresses, whatever else is asked (RFC 6761, section 6.3). */
function addressesOf(host: string): LookUp {
  if (!/^localhost\.?$/i.test(host)) return lookUp(host);
  return { addresses: Promise.resolve(['127.0.0.1', '::1']), cancel: () => {} };
}

experimental.registerResolver(scheme, NameResolver);

/** A look-up under way. */
interface LookUp {
  /** At least one. Rejects for a reason that its message tells. */
  readonly addresses: Promise<readonly string[]>;
  /** Nobody waits for it any more. Further calls do nothing. */
  readonly cancel: () => void;
}

/**
 * Asks this machine for the addresses of `host`, as all its programs do (getaddrinfo: the hosts file, the name servers,
 * and what else it is set up with). The C library cannot be told to stop that, and a process does not end before: with
 * a name server that does not answer, for 10 s and longer. So a process of its own does it, which is killed when nobody
 * waits for it; this one where none can be had. Those who ask for the same name share it.
 */
export function lookUp(host: string): LookUp {
  const shared = underWay.get(host) ?? begin(host);
  shared.waiting += 1;
  let waits = true;
  return {
    addresses: shared.addresses,
    cancel: () => {
      if (!waits) return;
      waits = false;
      shared.waiting -= 1;
      if (shared.waiting === 0) shared.end();
    },
  };
}

interface SharedLookUp {
  readonly addresses: Promise<readonly string[]>;
  readonly end: () => void;
  waiting: number;
}

/** By host name. */
const underWay = new Map<string, SharedLookUp>();

function begin(host: string): SharedLookUp {
  if (underWay.size >= clientLimits.lookUpsMax) {
    const tooMany = new Error(`${clientLimits.lookUpsMax} names are being looked up already`);
    return { addresses: Promise.reject(tooMany), end: () => {}, waiting: 0 };
  }
  const child = lookUpProcess(host);
  const forget = () => {
    if (underWay.get(host) === shared) underWay.delete(host);
  };
  const addresses = (child ? answerOf(child).catch(() => inThisProcess(host)) : inThisProcess(host)).then(addressesIn);
  const end = () => {
    forget();
    child?.kill('SIGKILL');
  };
  const shared: SharedLookUp = { addresses, end, waiting: 0 };
  underWay.set(host, shared);
  addresses.then(forget, forget);
  return shared;
}

/** What the process prints; `code` as Node names the errors of getaddrinfo. */
type Answer = { readonly addresses: readonly string[] } | { readonly code: string };

const program = `
  process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGKILL'));
  require('node:dns').lookup(process.argv[1], { all: true }, (error, found) => {
    const answer = error ? { code: String(error.code) } : { addresses: found.map(({ address }) => address) };
    process.stdout.write(JSON.stringify(answer), () => process.exit());
  });`;

/** Undefined where this program is not run by a plain Node, so that nobody knows what its executable would do. */
function lookUpProcess(host: string): ChildProcess | undefined {
  if (!/^node(js)?[\d.-]*(\.exe)?$/i.test(basename(process.execPath))) return undefined;
  const env = {
    // A name server that does not answer is given up in time to ask the next one.
    RES_OPTIONS: 'timeout:2 attempts:2',
    ...process.env,
    NODE_OPTIONS: undefined,
    NODE_V8_COVERAGE: undefined,
  };
  try {
    return spawn(process.execPath, ['--eval', program, '--', host], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
  } catch {
    return undefined;
  }
}

/** Rejects where the process did not come to an answer; never when it was killed, for then nobody waits. */
function answerOf(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    child.stdin?.on('error', () => {});
    child.once('error', reject);
    child.once('close', (_code, signal) => {
      if (signal === 'SIGKILL') return;
      try {
        resolve(JSON.parse(text));
      } catch (error) {
        reject(error);
      }
    });
  });
}

async function inThisProcess(host: string): Promise<Answer> {
  try {
    const found = await dns.lookup(host, { all: true });
    return { addresses: found.map(({ address }) => address) };
  } catch (error) {
    return { code: String((error as NodeJS.ErrnoException).code) };
  }
}

function addressesIn(answer: Answer): readonly string[] {
  if ('addresses' in answer && answer.addresses.length > 0) return answer.addresses;
  const code = 'code' in answer ? answer.code : 'ENOTFOUND';
  if (code === 'ENOTFOUND') throw new Error('no machine of this name is known');
  if (code === 'EAI_AGAIN') throw new Error('no name server answers');
  throw new Error(`its name could not be looked up (${code})`);
}
