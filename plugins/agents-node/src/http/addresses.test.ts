import { promisify } from 'node:util';
import {
  createPublicLookup,
  isBelow,
  isPrivateAddress,
  isPrivateHost,
  matchesHost,
} from './addresses';

describe('addresses', () => {
  it.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.0.0.8',
    '172.31.255.255',
    '192.168.1.1',
    '::1',
    '::',
    'fe80::1%eth0',
    'fd20:ce::254',
    'fd00:ec2::254',
    // Metadata of Amazon and others, Alibaba, Oracle and Azure.
    '169.254.169.254',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
    // The same within IPv6: mapped, NAT64, local NAT64, 6to4, compatible.
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '::a9fe:a9fe',
    '2001:db8::1',
    'ff02::1',
  ])('does not take %s for public', address => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each([
    '93.184.216.34',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::6810:85e5',
    '64:ff9b::5db8:d822',
    '::ffff:93.184.216.34',
  ])('takes %s for public', address => {
    expect(isPrivateAddress(address)).toBe(false);
  });

  it.each([
    ['https://localhost/', true],
    ['https://localhost./', true],
    ['https://x.localhost./', true],
    ['https://127.1./', true],
    ['https://[::1]/', true],
    ['https://localhost.example.com/', false],
    ['https://notlocalhost/', false],
  ])('knows whether the host of %s is of this machine', (url, expected) => {
    expect(isPrivateHost(new URL(url))).toBe(expected);
  });

  it('looks up no name of a private address', async () => {
    const lookup = createPublicLookup(host => new Error(`${host} is private`));
    await expect(promisify(lookup)('localhost', { all: true })).rejects.toThrow(
      'localhost is private',
    );
  });

  it('compares hosts and ports whole', () => {
    const patterns = ['*.tools.example.com', '169.254.1.1', 'a.test:443'];
    for (const [url, expected] of [
      ['https://x.tools.example.com/mcp', true],
      ['http://169.254.1.1:99/mcp', true],
      ['https://a.test/mcp', true],
      ['https://a.test./mcp', true],
      ['http://a.test/mcp', false],
      ['https://tools.example.com.evil.test/mcp', false],
      ['https://tools.example.com/mcp', false],
    ] as const) {
      expect([url, matchesHost(new URL(url), patterns)]).toEqual([
        url,
        expected,
      ]);
    }
  });

  it('compares whole path segments, after dots were followed', () => {
    const base = 'http://localhost:7007/api/mcp-actions/';
    for (const [url, expected] of [
      ['http://localhost:7007/api/mcp-actions/v1', true],
      ['http://localhost:7007/api/mcp-actions', true],
      ['http://localhost:7007/api/mcp-actions-x', false],
      ['http://localhost:7007/api/mcp-actions/../proxy/x', false],
      ['http://localhost:7007/api/mcp-actions/%2e%2e/proxy/x', false],
      ['http://localhost:17007/api/mcp-actions', false],
      ['http://evil.test/', false],
    ] as const) {
      expect([url, isBelow(new URL(url), base)]).toEqual([url, expected]);
    }
  });
});
