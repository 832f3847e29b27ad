import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Addresses that are not the public internet: the machine itself, its networks, and
 * those at which clouds hand out the credentials of machines. A catalog entity is a
 * claim that many people can write, so it must not point the gateway there.
 */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  // Shared address space; Alibaba's metadata is in it.
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  // Oracle's metadata is in it.
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
// Azure's wire server, a public address that only machines in Azure reach.
PRIVATE.addAddress('168.63.129.16', 'ipv4');

/** What IPv6 has given out to the public internet. */
const PUBLIC_IPV6 = new BlockList();
PUBLIC_IPV6.addSubnet('2000::', 3, 'ipv6');
for (const [network, prefix] of [
  // Teredo, ORCHID and documentation.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv6');
}

/** IPv6 networks with an IPv4 address in them, and the group where it begins. */
const EMBEDDING: Array<[BlockList, number]> = (
  [
    ['::ffff:0:0', 96, 6],
    // NAT64.
    ['64:ff9b::', 96, 6],
    // 6to4.
    ['2002::', 16, 1],
  ] as const
).map(([network, prefix, group]) => {
  const list = new BlockList();
  list.addSubnet(network, prefix, 'ipv6');
  return [list, group];
});

/**
 * Whether an IP address is anything but an address of the public internet.
 *
 * @public
 */
export function isPrivateAddress(address: string): boolean {
  if (isIP(address) === 4) {
    return PRIVATE.check(address, 'ipv4');
  }
  // Without the zone, which is of this machine alone.
  const [ip] = address.split('%');
  for (const [network, group] of EMBEDDING) {
    if (network.check(ip, 'ipv6')) {
      return PRIVATE.check(ipv4At(ip, group), 'ipv4');
    }
  }
  return !PUBLIC_IPV6.check(ip, 'ipv6') || PRIVATE.check(ip, 'ipv6');
}

/** The IPv4 address in two of the eight groups of an IPv6 address. */
function ipv4At(address: string, group: number): string {
  // The URL standard writes each address in one way, without dots.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head, tail] = canonical
    .split('::')
    .map(part => (part ? part.split(':') : []));
  const groups = tail
    ? [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail]
    : head;
  return [groups[group], groups[group + 1]]
    .map(text => Number.parseInt(text, 16))
    .flatMap(value => [Math.floor(value / 256), value % 256])
    .join('.');
}

/**
 * A DNS look-up for sockets that fails when one of the addresses is private. It runs
 * at each connection, so a name cannot change its address after it was checked.
 *
 * @param refusal - the error for a host with a private address
 */
export function createPublicLookup(
  refusal: (hostname: string) => Error,
): LookupFunction {
  return (hostname, options, callback) => {
    systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) {
        callback(error, '');
        return;
      }
      if (addresses.some(({ address }) => isPrivateAddress(address))) {
        callback(refusal(hostname) as NodeJS.ErrnoException, '');
        return;
      }
      const [first] = addresses as LookupAddress[];
      if (options.all) {
        callback(null, addresses);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

/**
 * Whether the host of a URL is a private IP address, or a name of this machine (RFC 6761
 * section 6.3). Other names are looked up when the connection is made.
 *
 * @public
 */
export function isPrivateHost(url: URL): boolean {
  const host = nameOf(url).replace(/^\[|\]$/g, '');
  return isIP(host) === 0
    ? isHost(host, 'localhost') || isHost(host, '*.localhost')
    : isPrivateAddress(host);
}

/** The name of a host, which the dot at its end belongs to and makes no other one of. */
function nameOf({ hostname }: URL): string {
  return hostname.replace(/\.$/, '');
}

/**
 * Whether one of `example.com`, `*.example.com` or `127.0.0.1:7110` is the URL's host.
 *
 * @public
 */
export function matchesHost(url: URL, patterns: string[]): boolean {
  return patterns.some(pattern => {
    const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(
      pattern.toLocaleLowerCase('en-US'),
    )!;
    return isHost(nameOf(url), host) && (!port || port === portOf(url));
  });
}

/**
 * Whether the URL's host is listed with its port, so for this very address.
 *
 * @public
 */
export function matchesHostAndPort(url: URL, patterns: string[]): boolean {
  return matchesHost(
    url,
    patterns.filter(pattern => /:\d+$/.test(pattern)),
  );
}

/**
 * Whether a URL is a base URL or below it: `/api/tools2` is not below `/api/tools`.
 *
 * @public
 */
export function isBelow(url: URL, baseUrl: string): boolean {
  const base = new URL(baseUrl);
  const path = base.pathname.replace(/\/+$/, '');
  return (
    url.origin === base.origin &&
    (url.pathname === path || url.pathname.startsWith(`${path}/`))
  );
}

function isHost(hostname: string, pattern: string): boolean {
  return pattern.startsWith('*.')
    ? hostname.endsWith(pattern.slice(1))
    : hostname === pattern;
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}
