import { isIPv4, isIPv6 } from 'node:net';

/**
 * Who counts as one where shares are counted, by a connection's far end (`address:port`, IPv6 without brackets): an IPv4
 * address; of IPv6 the first 64 bits, because a host with one address there has all of these (RFC 4291, section 2.5.4); an
 * IPv4-mapped IPv6 address (section 2.5.5.2) is the IPv4 address. What is no address stands for itself.
 */
export function principalOf(peer: string): string {
  const address = peer.slice(0, peer.lastIndexOf(':'));
  if (isIPv4(address)) return address;
  const [unzoned = ''] = address.split('%');
  if (!isIPv6(unzoned)) return address;
  const groups = groupsOf(unzoned);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return groups.slice(6).flatMap(bytesOf).join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The eight groups of an IPv6 address (RFC 4291, section 2.2). */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const before = parsed(head);
  if (tail === undefined) return before;
  const after = parsed(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function parsed(groups: string): number[] {
  return groups
    .split(':')
    .filter((group) => group !== '')
    .flatMap((group) => {
      if (!group.includes('.')) return [Number.parseInt(group, 16)];
      const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
      return [a * 256 + b, c * 256 + d];
    });
}

function bytesOf(group: number): number[] {
  return [group >> 8, group & 0xff];
}
