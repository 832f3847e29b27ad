import { ConfigReader } from '@backstage/config';
import { mockServices } from '@backstage/backend-test-utils';
import { readToolsConfig } from '../config/readToolsConfig';
import { UpstreamTargets } from './UpstreamTargets';

function targets(tools: object = {}) {
  return new UpstreamTargets({
    auth: mockServices.auth(),
    discovery: mockServices.discovery.mock({
      getBaseUrl: async id => `http://localhost:7007/api/${id}`,
      getExternalBaseUrl: async id => `https://portal.example.com/api/${id}`,
    }),
    config: readToolsConfig(new ConfigReader({ tools })),
  });
}
const at = (url: string, ref = 'api:default/orders', isVerified = true) => ({
  ref,
  url,
  isVerified,
});

describe('UpstreamTargets', () => {
  it.each([
    'https://tools.example.com/mcp',
    'https://portal.example.com/api/tools-of-others/mcp',
  ])('calls %s, at public addresses only', async url => {
    const target = await targets().resolve(at(url));
    expect(target).toMatchObject({
      privateAllowed: false,
      isBackstageActions: false,
    });
    expect(target.url.href).toBe(url);
  });

  it.each([
    ['no url', 'is not an http or https URL'],
    ['file:///etc/passwd', 'is not an http or https URL'],
    ['https://me:secret@example.com/mcp', 'the URL holds a password'],
    ['ftp://me:secret@example.com/mcp', 'is not an http or https URL'],
    ['http://127.0.0.1:5432/', 'private'],
    ['http://10.0.0.8/mcp', 'private'],
    ['http://0xa9fea9fe/latest', 'private'],
    ['http://2852039166/latest', 'private'],
    ['http://[::ffff:169.254.169.254]/', 'private'],
    ['http://[64:ff9b::a9fe:a9fe]/', 'private'],
    ['http://100.100.100.200/latest', 'private'],
    ['https://portal.example.com/api/tools/mcp', 'the gateway itself'],
    [
      'http://localhost:7007/api/mcp-actions/../tools/mcp',
      'the gateway itself',
    ],
  ])('does not call %s', async (url, reason) => {
    const blocked = targets().resolve(at(url));
    await expect(blocked).rejects.toMatchObject({
      code: 'blocked_url',
      message: expect.stringContaining(reason),
    });
    await expect(blocked).rejects.not.toThrow('secret');
  });

  it('calls private addresses that the operator named', async () => {
    const allowing = targets({
      allowedHosts: ['127.0.0.1:7110'],
      servers: { orders: { hosts: ['10.0.0.8'] } },
    });
    for (const server of [
      at('http://127.0.0.1:7110/mcp', 'api:default/people'),
      at('http://10.0.0.8/mcp'),
    ]) {
      await expect(allowing.resolve(server)).resolves.toMatchObject({
        privateAllowed: true,
      });
    }
    // Of whoever registers an entity the operator knows nothing.
    await expect(
      allowing.resolve(
        at('http://127.0.0.1:7110/mcp', 'api:default/people', false),
      ),
    ).rejects.toThrow('private');
    // The list of one server is no list for others.
    await expect(
      allowing.resolve(at('http://10.0.0.8/mcp', 'api:default/people')),
    ).rejects.toThrow('tools.allowedHosts');
    await expect(
      targets({ publicHosts: false }).resolve(at('https://example.com/mcp')),
    ).rejects.toThrow('tools.allowedHosts');
  });

  it('sends secrets to the origin they were given for, wherever the entity points', async () => {
    const headers = { 'x-api-key': 'hush' };
    const byUrl = targets({
      servers: { orders: { url: 'https://orders.example.com/mcp', headers } },
    });
    const target = await byUrl.resolve(at('https://orders.example.com/v2'));
    expect(await target.headersFor(undefined)).toEqual(headers);
    for (const url of [
      'https://evil.example.net/mcp',
      'http://orders.example.com/mcp',
      'https://orders.example.com:8443/mcp',
    ]) {
      await expect(byUrl.resolve(at(url))).rejects.toThrow(
        'is not where tools.servers',
      );
    }

    const byHost = targets({
      servers: { orders: { hosts: ['orders.example.com'], headers } },
    });
    const secure = await byHost.resolve(at('https://orders.example.com/mcp'));
    expect(await secure.headersFor(undefined)).toEqual(headers);
    const open = await byHost.resolve(at('http://orders.example.com/mcp'));
    expect(await open.headersFor(undefined)).toEqual({});

    // An operator who has not said where is told at the start.
    for (const orders of [
      { headers },
      { trust: 'verified' },
      { riskTiers: { cancel: 'read' } },
    ]) {
      expect(() => targets({ servers: { orders } })).toThrow(
        'give url or hosts beside headers',
      );
    }
  });

  it("gives a caller's token to Backstage's own actions and to nobody beside them", async () => {
    const actions = await targets().resolve(
      at('http://localhost:7007/api/mcp-actions/v1'),
    );
    expect(actions).toMatchObject({
      isBackstageActions: true,
      privateAllowed: true,
    });
    expect(await actions.headersFor(undefined)).toEqual({
      authorization: expect.stringMatching(/^Bearer /),
    });
    await expect(
      targets().resolve(at('http://localhost:7007/api/mcp-actions/../proxy/x')),
    ).rejects.toThrow('has a private, loopback or link-local address');
  });
});
