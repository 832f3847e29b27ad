import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import type { AgentEntity } from '@agentportal/plugin-agents-common';
import { passTime } from '@agentportal/plugin-agents-node/testUtils';
import { TOOL_META_PROVENANCE } from '@agentportal/plugin-tools-common';
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import request from 'supertest';
import { v2Server } from './__testUtils__/mcpServers';
import { api, startTools } from './__testUtils__/startTools';

jest.setTimeout(120_000);
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const REFUND = 'tool:default/crm.refund';
const VERIFY = 'tool:default/crm.verify';
const crm = [
  {
    name: 'refund',
    inputSchema: {
      type: 'object',
      properties: {
        amount: { type: 'number' },
        apiToken: { type: 'string' },
        note: { type: 'string' },
      },
      required: ['amount'],
    },
    annotations: { destructiveHint: false, openWorldHint: false },
  },
  {
    name: 'verify',
    inputSchema: { type: 'object' },
    annotations: { readOnlyHint: true },
  },
];
const agentEntity: AgentEntity = {
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Agent',
  metadata: { name: 'helper', namespace: 'default' },
  spec: {
    type: 'assistant',
    lifecycle: 'production',
    owner: 'group:default/care',
    sponsor: 'user:default/ada',
    autonomy: 'autopilot',
    tools: ['crm.refund', 'crm.verify'],
  },
};

/** Gateways look every two seconds. */
const SEEN_WITHIN_MS = 2_100;

describe.each(databases.eachSupportedId())(
  'rules at the gateway on %s',
  databaseId => {
    let portal: Awaited<ReturnType<typeof startTools>>;
    let called: string[] = [];
    let slow = 0;
    const officer = mockCredentials.user.header('user:default/ada');

    beforeAll(async () => {
      const server = await v2Server({
        tools: crm,
        call: async name => {
          await new Promise(resolve => setTimeout(resolve, slow));
          called.push(name);
          return name === 'verify' && slow < 0
            ? { content: [], isError: true }
            : { content: [{ type: 'text', text: 'done' }] };
        },
      });
      portal = await startTools({
        entities: [
          api('crm', server.url),
          agentEntity,
          {
            ...agentEntity,
            metadata: { name: 'clerk', namespace: 'default' },
            spec: { ...agentEntity.spec, identity: 'own' },
          },
          {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'User',
            metadata: { name: 'mock', namespace: 'default' },
          },
        ],
        config: { timeouts: { connect: '3s', discovery: '6s', call: '20s' } },
        knex: await databases.init(databaseId),
      });
      await request(portal.server)
        .post('/api/tools/servers/refresh')
        .set('authorization', officer)
        .send({})
        .expect(200);
    });
    afterAll(() => portal.stop());
    beforeEach(() => {
      called = [];
      slow = 0;
    });

    /** Puts rules in force that the gateway sees at its next call. */
    async function rules(text: string) {
      const { body, status } = await request(portal.server)
        .put('/api/agents/rules/portal/test')
        .set('authorization', officer)
        .send({ text, comment: 'For a test' });
      expect([status, body.error?.message]).toEqual([200, undefined]);
      passTime(SEEN_WITHIN_MS);
    }

    async function call(
      headers: Record<string, string>,
      name: string,
      args: object = {},
    ) {
      const { status, body } = await request(portal.server)
        .post(`/api/tools/tools/crm.${name}/call`)
        .set(headers)
        .send({ arguments: args });
      const { message, ruleIds } = body.error ?? {};
      return {
        status,
        reason: message as string | undefined,
        ...(ruleIds && { ruleIds }),
      };
    }

    it('refuses by an argument, names the rule, and calls nothing', async () => {
      await rules(`
@id("limit") @reason("Refunds above 200 EUR are for people.") @ask("the team care")
forbid(principal, action, resource == Tool::"${REFUND}") when { context.args.amount.greaterThan(decimal("200.0")) };`);
      const run = await portal.runOf('agent:default/helper');
      expect(await call(run, 'refund', { amount: 200 })).toMatchObject({
        status: 200,
      });
      expect(await call(run, 'refund', { amount: 200.01 })).toEqual({
        status: 403,
        reason: 'Refunds above 200 EUR are for people. Ask the team care.',
        ruleIds: ['portal/test#limit'],
      });
      // A person who calls for herself is bound by permissions, not by rules for agents.
      expect(
        await call({ authorization: officer }, 'refund', { amount: 900 }),
      ).toMatchObject({ status: 200 });
      expect(called).toEqual(['refund', 'refund']);
    });

    it('lists what it would let be called, as far as no call is needed', async () => {
      const run = await portal.runOf('agent:default/helper');
      const list = async () =>
        (
          await request(portal.server).get('/api/tools/tools').set(run)
        ).body.items.map((tool: any) => [tool.name, tool.allowed]);
      await rules(`
@id("own") @reason("Not for this agent.") forbid(principal, action, resource == Tool::"${VERIFY}") when { resource.riskTier == "read" };
@id("limit") @reason("Too much.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.args.amount.greaterThan(decimal("1.0")) };`);
      expect(await list()).toEqual([
        ['crm.refund', true],
        ['crm.verify', false],
      ]);
      expect(await call(run, 'verify')).toMatchObject({
        status: 403,
        ruleIds: ['portal/test#own'],
      });
    });

    it('asks what went before, and counts calls that are refused by nobody', async () => {
      await rules(`
@id("verified") @reason("Verify first.") forbid(principal, action, resource == Tool::"${REFUND}") unless { context.session.succeeded["${VERIFY}"].run > 0 };
@id("sum") @reason("500 in all.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.session.sums["${REFUND}"]["amount"].run.greaterThan(decimal("500.0")) };`);
      const run = await portal.runOf(
        'agent:default/helper',
        'user:default/mock',
        `sums-${databaseId}`,
      );
      expect(await call(run, 'refund', { amount: 1 })).toMatchObject({
        status: 403,
        reason: expect.stringContaining('Verify first.'),
      });
      await call(run, 'verify');
      expect(await call(run, 'refund', { amount: 400 })).toMatchObject({
        status: 200,
      });
      expect(await call(run, 'refund', { amount: 100.01 })).toMatchObject({
        status: 403,
        ruleIds: ['portal/test#sum'],
      });
      // What was refused is not in the sum.
      expect(await call(run, 'refund', { amount: 100 })).toMatchObject({
        status: 200,
      });
      const other = await portal.runOf(
        'agent:default/helper',
        'user:default/mock',
        `other-${databaseId}`,
      );
      expect(await call(other, 'refund', { amount: 1 })).toMatchObject({
        status: 403,
      });
    });

    it('counts the call itself of an agent that is in no run, and nothing below zero', async () => {
      const sum = '["amount"].session.greaterThan(decimal("500.0"))';
      await rules(
        `@id("sum") @reason("500 in all.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.session.sums["${REFUND}"]${sum} };`,
      );
      const clerk = {
        authorization: mockCredentials.user.header('agent:default/clerk'),
      };
      const passes = async (headers: Record<string, string>, amount: number) =>
        (await call(headers, 'refund', { amount })).status;
      expect(await passes(clerk, 500)).toBe(200);
      expect(await passes(clerk, 500.01)).toBe(403);
      const run = await portal.runOf(
        'agent:default/helper',
        'user:default/mock',
        `below-${databaseId}`,
      );
      expect(await passes(run, -100_000)).toBe(200);
      expect(await passes(run, 500.01)).toBe(403);
      expect(await passes(run, 500)).toBe(200);
    });

    it('lets no more through when calls come at the same time', async () => {
      await rules(`
@id("three") @reason("Three in a run.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.session.calls["${REFUND}"].run > 3 };`);
      const run = await portal.runOf(
        'agent:default/helper',
        'user:default/mock',
        `many-${databaseId}`,
      );
      slow = 300;
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => call(run, 'refund', { amount: 1 })),
      );
      const passed = answers.filter(({ status }) => status === 200).length;
      expect(passed).toBeLessThanOrEqual(3);
      expect(called).toHaveLength(passed);
      // And nobody is locked out by calls that were refused.
      for (let i = passed; i < 3; i++) {
        expect(await call(run, 'refund', { amount: 1 })).toMatchObject({
          status: 200,
        });
      }
      expect(await call(run, 'refund', { amount: 1 })).toMatchObject({
        status: 403,
      });
    });

    it('believes the orchestration plugin about who said a text, and nobody else', async () => {
      await rules(`
@id("said") @reason("Only what the person wrote.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.provenance has note && !context.provenance.note.contains("person") };`);
      const over = async (
        headers: Record<string, string>,
        note?: string[],
      ): Promise<unknown> => {
        const client = new Client(
          { name: 'test', version: '1' },
          { versionNegotiation: { mode: 'auto' } },
        );
        await client.connect(
          new StreamableHTTPClientTransport(new URL(`${portal.baseUrl}/mcp`), {
            requestInit: { headers },
          }),
        );
        const { content } = await client.callTool({
          name: 'crm.refund',
          arguments: { amount: 1, note: 'Thank you' },
          ...(note && { _meta: { [TOOL_META_PROVENANCE]: { note } } }),
        });
        await client.close();
        return (content as Array<{ text: string }>)[0].text;
      };
      const refused = 'Only what the person wrote.';
      const agentRef = 'agent:default/helper';
      const run = await portal.runOf(agentRef);
      expect(await over(run, ['person'])).toBe('done');
      expect(await over(run, ['tool:default/web.fetch'])).toBe(refused);
      expect(await over(run)).toBe(refused);
      const program = await portal.runOf(agentRef, undefined, undefined, {
        actor: '',
      });
      expect(await over(program, ['person'])).toBe(refused);
      expect(called).toEqual(['refund']);
    });

    it('keeps masked arguments for trials, and reports what log-only rules saw', async () => {
      const from = new Date().toISOString();
      await rules(`
@id("watch") @reason("Odd.") @mode("log") forbid(principal, action, resource == Tool::"${REFUND}") when { context.args.amount.greaterThan(decimal("7.0")) };`);
      const run = await portal.runOf('agent:default/helper');
      for (const amount of [7, 8]) {
        expect(
          await call(run, 'refund', {
            amount,
            apiToken: 'tok-123',
            note: 'Bearer abc',
          }),
        ).toMatchObject({ status: 200 });
      }
      const { body } = await request(portal.server)
        .post('/api/agents/rules/simulate')
        .set('authorization', officer)
        .send({
          text: `@id("eight") @reason("No eight.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.args.amount == decimal("8.0") };`,
          from,
          to: new Date(Date.now() + 60_000).toISOString(),
        });
      expect(body).toMatchObject({
        summary: 'Would have refused 1 of 2 calls.',
        items: [
          {
            toolRef: REFUND,
            agentRef: 'agent:default/helper',
            args: { amount: 8, apiToken: '***', note: '***' },
            ruleIds: ['trial#eight'],
          },
        ],
      });
      let report: any[] = [];
      for (let i = 0; i < 40 && !report.length; i++) {
        await new Promise(resolve => setTimeout(resolve, 250));
        const answer = await request(portal.server)
          .get('/api/agents/rules/report')
          .set('authorization', officer);
        report = answer.body.items.filter(
          (item: any) => item.ruleId === 'portal/test#watch',
        );
      }
      expect(report).toMatchObject([
        {
          refused: 0,
          wouldHaveRefused: 1,
          examples: [{ toolRef: REFUND, agentRef: 'agent:default/helper' }],
        },
      ]);
      for (const headers of [run, { authorization: officer }]) {
        await request(portal.server)
          .get('/api/tools/calls/recorded')
          .query({ from, to: new Date().toISOString() })
          .set(headers)
          .expect(403);
      }
    });
  },
);
