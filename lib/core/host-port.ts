/** Where a server listens. Port 0 is a free one of the system's choice. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * The address that `HOST:PORT` says, an IPv6 host in brackets (`[::1]:4000`); undefined where the text is none.
 */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, v6, name, digits] = /^(?:\[([^[\]\s]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = v6 ?? name;
  const port = Number(digits);
  return host !== undefined && port <= 65_535 ? { host, port } : undefined;
}

/** The text of an address, as `parseListenAddress` takes it. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
