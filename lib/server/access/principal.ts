import { isIPv4, isIPv6 } from 'node:net';

/**
 * Who counts as one where shares are counted, by a connection's far end (`address:port`, IPv6 without brackets): an
 * IPv4 address; of IPv6 the first 64 bits, because a host with one address there has all of these (RFC 4291, section
 * 2.5.4); an IPv4-mapped IPv6 address (section 2.5.5.2) is the IPv4 address. What is no address stands for itself.
 */
export function principalOf(peer: string): string {
  const address = peer.slice(0, peer.lastIndexOf(':'));
  if (isIPv4(address)) return address;
  const [unzoned = ''] = address.split('%');
  if (!isIPv6(unzoned)) return address;
  const groups = groupsOf(unzoned);
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') {
    return groups
      .slice(6)
      .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
      .join('.');
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** The eight groups of an IPv6 address (RFC 4291, section 2.2), in lower case without leading zeros, as in a URL. */
function groupsOf(address: string): string[] {
  const [head = [], tail = []] = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split('::')
    .map((groups) => groups.split(':').filter((group) => group !== ''));
  return [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
}
