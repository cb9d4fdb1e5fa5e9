/** Where a server is, or is to be. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * What `HOST:PORT` says, an IPv6 host in brackets (`[::1]:4000`); undefined where the text is none, or its port less
 * than `portMin`: to a listener 0 is a free one of the system's choice, to a caller it is none.
 */
export function parseHostPort(text: string, portMin: 0 | 1): HostPort | undefined {
  const [, v6, name, digits] = /^(?:\[([0-9a-fA-F:.]+(?:%[^\s[\]]+)?)\]|([^\s:/@[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = v6 ?? name;
  const port = Number(digits);
  return host !== undefined && port >= portMin && port <= 65_535 ? { host, port } : undefined;
}

/** The text of an address, as `parseHostPort` takes it. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
