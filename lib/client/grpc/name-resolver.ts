import { experimental, Metadata, status } from '@grpc/grpc-js';
import { parseHostPort } from '../../platform/host-port.js';
import { type LookUp, lookUp } from './look-up.js';

const scheme = 'chit-name';

/** What a channel is to be opened to so that the name in `HOST:PORT` is looked up in a way that ends with the channel. */
export function targetByName(address: string): string {
  return `${scheme}:${address}`;
}

type Target = experimental.GrpcUri;
type Listener = experimental.ResolverListener;

/**
 * Finds the addresses for a channel, once: a connection is for one try. Unlike grpc-js's own resolver it leaves nothing behind that would keep a
 * process from ending, and asks for no service configuration (a TXT record).
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
