import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DefaultAgentIdentities } from './DefaultAgentIdentities';

jest.setTimeout(30_000);

const ID = '0b0e7f0a-8f0e-4c5e-9d3e-2f6f1c9f3b11';
const REF = `delegation:default/${ID}`;
const agent = {
  agentRef: 'agent:default/desk',
  title: 'Desk',
  state: 'active',
  identity: 'person',
  inOwnName: { allowed: false, reason: 'Only for a person.' },
};

describe('DefaultAgentIdentities', () => {
  let server: Server;
  let answer: (path: string) => { status: number; body: unknown } | 'break';
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    answer = path => ({
      status: 200,
      body: {
        items: path.endsWith('/delegations/query')
          ? [
              {
                id: ID,
                ref: REF,
                agent,
                agentRef: agent.agentRef,
                state: 'active',
              },
            ]
          : [agent],
      },
    });
    server = createServer((request, response) => {
      asked.push(request.url!);
      const said = answer(request.url!);
      if (said === 'break') {
        request.socket.destroy();
        return;
      }
      response.writeHead(said.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(said.body));
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const identities = () =>
    new DefaultAgentIdentities({
      auth: mockServices.auth({ pluginId: 'tools' }),
      discovery: mockServices.discovery.mock({
        getBaseUrl: async () =>
          `http://127.0.0.1:${
            (server.address() as AddressInfo).port
          }/api/agents`,
      }),
    });

  it.each([
    ['breaks off', () => 'break' as const],
    ['takes no token', () => ({ status: 401, body: {} })],
    ['refuses', () => ({ status: 403, body: {} })],
    ['fails', () => ({ status: 500, body: {} })],
  ])('does not know when the agents plugin %s', async (_, failing) => {
    answer = failing;
    for (const ref of [REF, agent.agentRef]) {
      await expect(
        identities().resolve(mockCredentials.user(ref)),
      ).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
    }
  });

  it('asks nobody about people and services', async () => {
    const service = identities();
    await service.resolve(mockCredentials.user('user:default/dana'));
    await service.resolve(mockCredentials.service());
    expect(asked).toEqual([]);
  });

  it('watches many streams with one question, and stops with the last', async () => {
    const service = identities();
    const stops = Array.from({ length: 50 }, () =>
      service.watch(mockCredentials.user(REF), () => {}),
    );
    await new Promise(done => setTimeout(done, 2_600));
    expect(asked).toHaveLength(2);
    stops.forEach(stop => stop());
    await new Promise(done => setTimeout(done, 1_500));
    expect(asked).toHaveLength(2);
  });

  it('lets a stream go on for ten seconds while nobody knows, and no longer', async () => {
    const service = identities();
    const began = Date.now();
    answer = () => 'break';
    const reason = await new Promise<Error>(onEnd =>
      service.watch(mockCredentials.user(REF), onEnd),
    );
    expect(reason.name).toBe('ServiceUnavailableError');
    expect(Date.now() - began).toBeGreaterThanOrEqual(10_000);
    expect(Date.now() - began).toBeLessThan(13_000);
  });
});
