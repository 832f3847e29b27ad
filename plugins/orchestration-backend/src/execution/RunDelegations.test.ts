import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RunDelegations } from './RunDelegations';

/** What the auth plugin makes of delegations: tokens that live so long. */
async function serveTokens(lives: number[]) {
  const made: string[] = [];
  const server = createServer((_req, res) => {
    const life = lives[Math.min(made.length, lives.length - 1)];
    const token = mockCredentials.user.token(
      `delegation:default/work-${made.length}`,
    );
    made.push(token);
    res.setHeader('content-type', 'application/json').end(
      JSON.stringify({
        token,
        expiresAt: new Date(Date.now() + life).toISOString(),
      }),
    );
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { made, server, url: `http://127.0.0.1:${port}` };
}

describe('RunDelegations', () => {
  it('makes tokens anew before they end, so that work may take longer than one lives', async () => {
    const { made, server, url } = await serveTokens([59_000, 600_000]);
    const delegations = new RunDelegations({
      auth: mockServices.auth({ pluginId: 'orchestration' }),
      discovery: {
        getBaseUrl: async () => url,
        getExternalBaseUrl: async () => url,
      },
      identities: {} as never,
      logger: mockServices.logger.mock(),
    });
    const { signal } = new AbortController();
    const subject = async () => {
      const { principal } = await delegations.credentials('work', signal);
      return (principal as { userEntityRef: string }).userEntityRef;
    };
    try {
      // A call could still be on its way when it ends.
      expect(await subject()).toBe('delegation:default/work-0');
      expect(await subject()).toBe('delegation:default/work-1');
      expect(await subject()).toBe('delegation:default/work-1');
      expect(made).toHaveLength(2);
    } finally {
      server.close();
    }
  });
});
