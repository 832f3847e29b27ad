import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkRules } from '@agentportal/agent-rules';
import { mockServices } from '@backstage/backend-test-utils';
import { passTime } from '../identities/passTime';
import { decideAgentCall } from './decideAgentCall';
import { DefaultAgentDecisions } from './DefaultAgentDecisions';

const TOOL = {
  ref: 'tool:default/crm.refund',
  riskTier: 'write' as const,
  ownerRef: 'group:default/care',
  serverRef: 'api:default/crm',
  inputSchema: { type: 'object' },
};
const question = {
  agent: {
    agentRef: 'agent:default/helper',
    title: 'Helper',
    state: 'active',
    ownerRef: 'group:default/care',
    lifecycle: 'production',
    autonomy: 'autopilot',
    tools: [TOOL.ref],
  },
  tool: TOOL,
  args: {},
  now: 0,
} satisfies Parameters<typeof decideAgentCall>[1];

describe('DefaultAgentDecisions', () => {
  let server: http.Server | undefined;
  let text = '';
  let asked: string[] = [];
  let told: any[] = [];
  let port = 0;

  async function start() {
    server = http.createServer(async (req, res) => {
      asked.push(`${req.method} ${req.url}`);
      res.setHeader('content-type', 'application/json');
      if (req.method === 'POST') {
        let body = '';
        for await (const part of req) {
          body += part;
        }
        told.push(...JSON.parse(body).hits);
        res.writeHead(204).end();
        return;
      }
      const { rules } = checkRules(
        { text, name: 'test', scope: { type: 'central' } },
        [TOOL],
      );
      res.end(
        JSON.stringify({
          version: `v${text.length}`,
          timeZone: 'UTC',
          freeze: [],
          ...(!req.url!.includes(`version=v${text.length}`) && { rules }),
        }),
      );
    });
    await new Promise<void>(resolve =>
      server!.listen(port, '127.0.0.1', () => resolve()),
    );
    port = (server.address() as AddressInfo).port;
  }
  async function stop() {
    server?.closeAllConnections();
    await new Promise(resolve => server?.close(resolve));
    server = undefined;
  }

  const create = () =>
    new DefaultAgentDecisions({
      auth: mockServices.auth(),
      identities: {
        resolve: async () => ({ type: 'none' }),
        watch: () => () => {},
      },
      discovery: mockServices.discovery.mock({
        getBaseUrl: async () => `http://127.0.0.1:${port}`,
      }),
      logger: mockServices.logger.mock(),
    });
  const decide = async (decisions: DefaultAgentDecisions) =>
    (await decisions.current()).decide(question);
  const never =
    '@id("never") @reason("Never.") forbid(principal, action, resource);';

  beforeEach(async () => {
    text = '';
    asked = [];
    told = [];
    port = 0;
    await start();
  });
  afterEach(() => stop());

  it('takes new rules within seconds, and asks once for many', async () => {
    const decisions = create();
    const all = await Promise.all(
      Array.from({ length: 20 }, () => decide(decisions)),
    );
    expect(all.every(({ allowed }) => allowed)).toBe(true);
    expect(asked).toEqual(['GET /rules/effective']);
    text = never;
    passTime(2_100);
    expect(await decide(decisions)).toMatchObject({
      allowed: false,
      reason: 'Never.',
      ruleIds: ['test#never'],
    });
  });

  it('holds the last rules while the agents plugin is away, and refuses all before it has any', async () => {
    text = never;
    const decisions = create();
    expect(await decide(decisions)).toMatchObject({ allowed: false });
    await stop();
    passTime(2_100);
    expect(await decide(decisions)).toMatchObject({
      allowed: false,
      ruleIds: ['test#never'],
    });
    await expect(create().current()).rejects.toThrow(
      expect.objectContaining({ name: 'ServiceUnavailableError' }),
    );
    text = '';
    await start();
    passTime(2_100);
    expect(await decide(decisions)).toMatchObject({ allowed: true });
  });

  it('tells what rules matched, also what could not be told at first', async () => {
    text = never;
    const decisions = create();
    const decision = await decide(decisions);
    await stop();
    const call = { agentRef: question.agent.agentRef, toolRef: TOOL.ref };
    decisions.note(decision, call);
    decisions.note(decision, { ...call, runId: 'run-2' });
    await new Promise(resolve => setTimeout(resolve, 5_500));
    await start();
    await new Promise(resolve => setTimeout(resolve, 5_500));
    expect(told).toMatchObject([
      {
        ruleId: 'test#never',
        mode: 'enforce',
        count: 2,
        examples: [call, { ...call, runId: 'run-2' }],
      },
    ]);
  }, 30_000);
});
