import { says } from '@agentportal/plugin-evals-common';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  startExampleServers,
  type ExampleServers,
} from '@agentportal/example-mcp-servers';
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { readAgents } from './agents';
import { readDatasets, type EvalCase } from './dataset';

const cases = readDatasets(resolve(__dirname, '../../../catalog/data-sets'));
const agents = readAgents(resolve(__dirname, '../../../catalog'));

describe('the datasets', () => {
  let servers: ExampleServers;
  let directory: string;
  const clients = new Map<string, Client>();
  const readTools = new Set<string>();

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'example-evals-test-'));
    servers = await startExampleServers({ port: 0, dataDirectory: directory });
    for (const [name, url] of Object.entries(servers.urls)) {
      const client = new Client(
        { name: 'datasets-test', version: '0.1.0' },
        { versionNegotiation: { mode: 'auto' } },
      );
      await client.connect(new StreamableHTTPClientTransport(new URL(url)));
      clients.set(name, client);
      for (const tool of (await client.listTools()).tools)
        if (tool.annotations?.readOnlyHint)
          readTools.add(`${name}.${tool.name}`);
    }
  });

  afterAll(async () => {
    for (const client of clients.values()) await client.close();
    await servers?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('hold at least 120 questions, a third of them held out, some to decline', () => {
    expect(cases.length).toBeGreaterThanOrEqual(120);
    const heldOut = cases.filter(item => item.heldOut).length / cases.length;
    expect(heldOut).toBeGreaterThan(0.25);
    expect(heldOut).toBeLessThan(0.42);
    expect(
      cases.filter(item => item.without === 'decline').length,
    ).toBeGreaterThanOrEqual(12);
    expect(
      cases.filter(item => item.turns.length > 1).length,
    ).toBeGreaterThanOrEqual(8);
  });

  it('ask only agents that exist, and expect only tools that these agents have', () => {
    for (const item of cases) {
      const agent = agents.get(item.agentRef);
      expect([item.id, agent !== undefined]).toEqual([item.id, true]);
      for (const call of item.calls!) {
        for (const tool of call.tool)
          expect([item.id, agent!.tools]).toEqual([
            item.id,
            expect.arrayContaining([tool]),
          ]);
      }
    }
  });

  const checkable = (item: EvalCase) =>
    item.calls!.length > 0 &&
    item.facts.length > 0 &&
    item.calls!.every(call => readTools.has(call.tool[0]));

  it('expect facts that the data holds: the expected call gives them', async () => {
    const wrong: string[] = [];
    for (const item of cases.filter(checkable)) {
      let found = '';
      for (const call of item.calls!) {
        const [server, tool] = call.tool[0].split('.');
        const args: Record<string, unknown> = { ...call.arguments };
        // which words an agent searches for is its own affair
        if (tool === 'search_products') args.limit = 100;
        if (tool === 'search_policies') args.query = item.turns.at(-1);
        const result = await clients
          .get(server)!
          .callTool({ name: tool, arguments: args });
        found += JSON.stringify([result.content, result.structuredContent]);
      }
      for (const anyOf of item.facts) {
        if (
          !anyOf.some(
            fact =>
              says(found.replace(/_/g, ' '), fact) || found.includes(fact),
          )
        )
          wrong.push(`${item.id}: ${anyOf.join(' | ')}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
