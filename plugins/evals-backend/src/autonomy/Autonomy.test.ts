import type {
  AutonomyEvidence,
  NewEarnedAutonomy,
} from '@agentportal/plugin-agents-common';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openStore } from '../__testUtils__/openStore';
import { readEvalsConfig } from '../config';
import { EvalsAccess } from '../permissions/EvalsAccess';
import { Autonomy } from './Autonomy';
import { Incidents } from './Incidents';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const DESK = 'agent:default/desk';
const ODD = 'agent:default/odd';
const SEND = 'tool:default/mail.send';
const OLGA = mockCredentials.user('user:default/olga');
const { autonomy: TERMS } = readEvalsConfig(
  mockServices.rootConfig({ data: {} }),
);

/** Answers as the agents plugin does, and keeps what it was asked to do. */
const agents = {
  evidence: {} as AutonomyEvidence,
  requested: [] as NewEarnedAutonomy[],
  ended: [] as Array<{ id: string; reason: string; by?: string }>,
};

function decisions(count: number, daysAgo: number) {
  return Array.from({ length: count }, (_, n) => ({
    approvalId: `a-${n}`,
    toolRef: SEND,
    riskTier: 'external' as const,
    outcome: 'unchanged' as const,
    requestDigest: `d-${n}`,
    personRef: 'user:default/ada',
    deciders: [`user:default/d${n % 2}`],
    decidedAt: new Date(Date.now() - daysAgo * DAY_MS).toISOString(),
    isHasty: false,
  }));
}

let server: Server;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const text = await new Response(request as never).text();
    const body = text ? JSON.parse(text) : undefined;
    const send = (status: number, value?: unknown) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(value && JSON.stringify(value));
    const { earned } = agents.evidence;
    switch (request.url?.split('?')[0]) {
      case '/autonomy/evidence':
        if (body.agentRef === ODD) {
          return send(500, { error: { name: 'Error', message: 'Oh.' } });
        }
        return body.agentRef === DESK
          ? send(200, agents.evidence)
          : send(404, {
              error: { name: 'NotFoundError', message: 'There is none.' },
              response: { statusCode: 404 },
            });
      case '/autonomy/requests':
        agents.requested.push(body);
        return send(201, {
          ...{ id: 'request-1', kind: 'access', status: 'pending' },
          ...{ digest: 'x', expiresAt: '', askedOf: ['group:default/ops'] },
          ...{ reason: 'r', title: 't' },
        });
      case '/autonomy/earned':
        return send(200, { items: earned.filter(({ holds }) => holds) });
      default:
        agents.ended.push({ id: request.url!.split('/')[3], ...body });
        return response.writeHead(204).end();
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

beforeEach(() => {
  agents.requested = [];
  agents.ended = [];
  agents.evidence = {
    ...{ agentRef: DESK, autonomy: 'supervised', isActive: true },
    tools: [{ toolRef: SEND, riskTier: 'external', covered: false }],
    ...{ decisions: decisions(149, 20), hasMore: false, earned: [] },
  };
});

async function open(result: AuthorizeResult.ALLOW | AuthorizeResult.DENY) {
  const knex = await openStore('SQLITE_3');
  const port = (server.address() as AddressInfo).port;
  const autonomy = new Autonomy({
    access: new EvalsAccess({
      permissions: mockServices.permissions({ result }),
    }),
    auditor: mockServices.auditor.mock({
      createEvent: async () => ({
        success: async () => {},
        fail: async () => {},
      }),
    }),
    auth: mockServices.auth(),
    discovery: mockServices.discovery.mock({
      getBaseUrl: async () => `http://127.0.0.1:${port}`,
    }),
    incidents: new Incidents(knex),
    terms: TERMS,
  });
  return { autonomy, knex };
}

it('is proposed by a person who may, with what was shown and no more', async () => {
  const { autonomy } = await open(AuthorizeResult.ALLOW);
  const request = { agentRef: DESK, toolRef: SEND };
  expect(await autonomy.propose(OLGA, request)).toMatchObject({
    approvalId: 'request-1',
    askedOf: ['group:default/ops'],
  });
  expect(agents.requested).toMatchObject([
    {
      ...{ agentRef: DESK, toolRef: SEND, riskTier: 'external' },
      by: 'user:default/olga',
      askedShare: TERMS.askedShare,
      basis: { agreed: 149, counted: 149, deciders: 2, people: 1 },
    },
  ]);
  expect(agents.requested[0].basis.lowerBound).toBeGreaterThanOrEqual(0.98);
  expect(agents.requested[0].reason).toContain('149 of 149');
  // Those who decide about it see who decided.
  expect(agents.requested[0].reason).toContain(
    'Decided by user:default/d0 (75), user:default/d1 (74).',
  );

  agents.evidence.decisions = decisions(148, 20);
  await expect(autonomy.propose(OLGA, request)).rejects.toThrow('1 more call');
  await expect(
    autonomy.propose(OLGA, { ...request, toolRef: 'tool:default/x.y' }),
  ).rejects.toThrow('does not declare');
  await expect(
    autonomy.propose(mockCredentials.service('plugin:tools'), request),
  ).rejects.toThrow('by people');
  const { autonomy: denied } = await open(AuthorizeResult.DENY);
  for (const attempt of [
    denied.get(OLGA, DESK),
    denied.propose(OLGA, request),
    denied.end(OLGA, { ...request, reason: 'Why not.' }),
  ]) {
    await expect(attempt).rejects.toMatchObject({ name: 'NotAllowedError' });
  }
  expect(agents.requested).toHaveLength(1);
  expect(agents.ended).toHaveLength(0);
});

it('is not proposed while alarms about it are muted', async () => {
  const { autonomy, knex } = await open(AuthorizeResult.ALLOW);
  await knex('evals_alarm_mutes').insert({
    ...{ agent_ref: DESK, kind: 'failures', reason: 'Known', muted_by: 'x' },
    ...{ muted_at: Date.now(), until: Date.now() + DAY_MS },
  });
  await expect(
    autonomy.propose(OLGA, { agentRef: DESK, toolRef: SEND }),
  ).rejects.toThrow('Alarms about it are muted');
  expect(agents.requested).toEqual([]);
});

it('is kept while nothing happens, and ended with the reason when something does', async () => {
  const { autonomy, knex } = await open(AuthorizeResult.ALLOW);
  const at = (daysAgo: number) =>
    new Date(Date.now() - daysAgo * DAY_MS).toISOString();
  agents.evidence.earned = [
    {
      ...{ id: 'e-1', agentRef: DESK, toolRef: SEND, riskTier: 'external' },
      ...{ askedShare: 0.05, approvalId: 'a', createdAt: at(5), holds: true },
      basis: {
        ...{ agreed: 149, counted: 149, lowerBound: 0.98, target: 0.98 },
        ...{ confidence: 0.95, deciders: 2, people: 1 },
        ...{ since: at(40), until: at(6) },
      },
    },
  ];
  await autonomy.keep();
  expect(agents.ended).toEqual([]);
  const [held] = agents.evidence.earned;
  // One that the catalog does not have keeps nobody else from being looked at.
  agents.evidence.earned = [
    { ...held, id: 'e-0', agentRef: 'agent:default/gone' },
    held,
  ];
  await knex('evals_agent_changes').insert({
    ...{ id: 'c', agent_ref: DESK, owner_ref: 'group:default/care' },
    ...{ digest: 'd', in_force_at: Date.now() - DAY_MS },
  });
  await autonomy.keep();
  const lost = { id: 'e-1', reason: expect.stringContaining('It was changed') };
  expect(agents.ended).toEqual([lost]);
  // Nor does one that cannot be looked at.
  agents.evidence.earned = [{ ...held, id: 'e-2', agentRef: ODD }, held];
  await expect(autonomy.keep()).rejects.toThrow('Of 1 agents');
  expect(agents.ended).toEqual([lost, lost]);
  agents.evidence.earned = [held];
  await autonomy.end(OLGA, {
    agentRef: DESK,
    toolRef: SEND,
    reason: 'Enough.',
  });
  expect(agents.ended.at(-1)).toEqual({
    ...{ id: 'e-1', reason: 'Enough.', by: 'user:default/olga' },
  });
});
