import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { parseAllDocuments } from 'yaml';
import { type ExampleServers, startExampleServers } from '.';

const CATALOG = resolve(__dirname, '../../../catalog');
/** What each level of autonomy may do without asking. */
const CEILING: Record<string, string[]> = {
  copilot: ['read'],
  supervised: ['read', 'write'],
  autopilot: ['read', 'write', 'external'],
};

interface Document {
  file: string;
  ref: string;
  kind: string;
  metadata: { name: string };
  spec: Record<string, any>;
}

const documents: Document[] = readdirSync(CATALOG, { recursive: true })
  .map(String)
  // Cases of data sets lie beside their entities and are none.
  .filter(file => file.endsWith('.yaml') && !file.startsWith('data-sets/'))
  .flatMap(file =>
    parseAllDocuments(readFileSync(join(CATALOG, file), 'utf8')).map(parsed => {
      if (parsed.errors.length > 0) {
        throw new Error(`${file}: ${parsed.errors[0]}`);
      }
      const entity = parsed.toJS();
      const ref = toRef(entity.kind, entity.metadata.name);
      return { ...entity, file, ref };
    }),
  );
const ofKind = (kind: string) =>
  documents.filter(document => document.kind === kind);
const refs = new Set(documents.map(({ ref }) => ref));

let directory: string;
let servers: ExampleServers;
/** Risk tier of each tool, by its ref, as the catalog will show it. */
const tiers = new Map<string, string>();

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'example-catalog-'));
  servers = await startExampleServers({ port: 0, dataDirectory: directory });
  for (const [name, url] of Object.entries(servers.urls)) {
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    for (const tool of (await client.listTools()).tools) {
      tiers.set(`tool:default/${name}.${tool.name}`, tierOf(tool.annotations));
    }
    await client.close();
  }
});

afterAll(async () => {
  await servers.stop();
  rmSync(directory, { recursive: true });
});

function toRef(kind: string, ref: string): string {
  const full = /^([^:]+):([^/]+)\/(.+)$/.exec(ref);
  return (
    full ? `${full[1]}:${full[2]}/${full[3]}` : `${kind}:default/${ref}`
  ).toLowerCase();
}

function tierOf(hints: Record<string, unknown> = {}): string {
  if (hints.readOnlyHint) {
    return 'read';
  }
  if (hints.destructiveHint !== false) {
    return 'critical';
  }
  return hints.openWorldHint ? 'external' : 'write';
}

describe('the example catalog', () => {
  it('holds what a newcomer should find', () => {
    const teams = ofKind('Group').filter(({ spec }) => spec.type === 'team');
    expect(teams).toHaveLength(8);
    expect(ofKind('User').length).toBeGreaterThanOrEqual(16);
    expect(ofKind('Agent').length).toBeGreaterThanOrEqual(14);
    expect(ofKind('Domain').length).toBeGreaterThanOrEqual(3);
    expect(ofKind('System').length).toBeGreaterThanOrEqual(6);
    for (const field of ['lifecycle', 'autonomy', 'type', 'owner']) {
      const values = new Set(ofKind('Agent').map(({ spec }) => spec[field]));
      expect(values.size).toBeGreaterThanOrEqual(3);
    }
    const [guest] = ofKind('User').filter(
      ({ ref }) => ref === 'user:default/guest',
    );
    const mine = ofKind('Agent').filter(({ spec }) =>
      guest.spec.memberOf.some(
        (group: string) => toRef('group', group) === spec.owner,
      ),
    );
    expect(mine.length).toBeGreaterThanOrEqual(3);
  });

  it('names nothing twice and loads every file', () => {
    expect(refs.size).toBe(documents.length);
    const [location] = ofKind('Location');
    const targets = location.spec.targets.map((target: string) =>
      relative(CATALOG, resolve(CATALOG, target)),
    );
    const files = new Set(documents.map(({ file }) => file));
    files.delete('all.yaml');
    expect([...targets].sort()).toEqual([...files].sort());
  });

  it('refers only to entities that exist', () => {
    const fields: Array<[field: string, kind: string]> = [
      ['owner', 'group'],
      ['sponsor', 'user'],
      ['system', 'system'],
      ['domain', 'domain'],
      ['parent', 'group'],
      ['children', 'group'],
      ['memberOf', 'group'],
      ['handoffs', 'agent'],
      ['model', 'model'],
      ['providedBy', 'api'],
      ['providesApis', 'api'],
      ['knowledge', 'resource'],
    ];
    const dead = documents.flatMap(({ ref, spec }) =>
      fields.flatMap(([field, kind]) =>
        [spec[field] ?? []]
          .flat()
          .map((target: string) => toRef(kind, target))
          .filter((target: string) => !refs.has(target))
          .map((target: string) => `${ref} ${field} ${target}`),
      ),
    );
    expect(dead).toEqual([]);
  });

  it('points each MCP server at a path that is served', () => {
    const urls = ofKind('API')
      .filter(({ metadata }) => metadata.name !== 'backstage-actions')
      .map(({ spec }) => new URL(spec.remotes[0].url).pathname);
    expect(urls.sort()).toEqual(
      Object.values(servers.urls)
        .map(url => new URL(url).pathname)
        .sort(),
    );
  });

  it('overrides only tools that are offered', () => {
    for (const { ref, spec } of ofKind('Tool')) {
      const api = spec.providedBy.replace('api:default/', '');
      expect(ref).toBe(`tool:default/${api}.${spec.toolName}`);
      expect(tiers.has(ref)).toBe(true);
    }
    expect(ofKind('Tool').length).toBeGreaterThan(0);
  });

  it('routes end with the model that is always there', () => {
    for (const { spec } of ofKind('Model')) {
      expect((spec.fallbacks ?? spec.candidates).at(-1)).toBe(
        'builtin/extractive',
      );
    }
    expect(ofKind('Model')).toHaveLength(5);
  });
});

describe.each(ofKind('Agent').map(agent => [agent.metadata.name, agent]))(
  'the agent %s',
  (_, value) => {
    const agent = value as Document;
    // A program somewhere else, which says itself what it does.
    const isProgram = agent.spec.type === 'external';

    it('has few tools, each offered, and within its autonomy or for people to approve', () => {
      const overridden = new Map(
        ofKind('Tool').map(({ ref, spec }) => [ref, spec.riskTier]),
      );
      const { tools = [], autonomy, workflow, framework } = agent.spec;
      // The agents of a workflow have tools of their own.
      const least = isProgram || agent.spec.triggers ? 1 : 2;
      expect(tools.length).toBeGreaterThanOrEqual(
        workflow || framework === 'a2a' ? 0 : least,
      );
      // What an agent elsewhere uses is its own affair; here it may use nothing.
      expect(tools.length).toBeLessThanOrEqual(framework === 'a2a' ? 0 : 6);
      for (const tool of tools as string[]) {
        // The portal's own tools need the whole portal; see its own tests.
        if (tool.startsWith('tool:default/backstage-actions.')) {
          continue;
        }
        const tier = overridden.get(tool) ?? tiers.get(tool);
        // Each call of a critical tool waits for people, whatever the autonomy.
        const covered = [...CEILING[autonomy], 'critical'];
        expect([tool, covered.includes(tier ?? 'missing')]).toEqual([
          tool,
          true,
        ]);
      }
    });

    it('has a sponsor, a purpose, and what people need who ask it', () => {
      expect(agent.spec.sponsor).toMatch(/^user:default\//);
      expect(agent.metadata).toMatchObject({ description: expect.any(String) });
      if (isProgram) {
        return;
      }
      expect(agent.spec.exampleQuestions.length).toBeGreaterThanOrEqual(
        agent.spec.workflow || agent.spec.triggers ? 1 : 2,
      );
      // What starts by itself is told in a line; what a workflow does, in its nodes.
      if (agent.spec.workflow || agent.spec.triggers) {
        return;
      }
      const file = resolve(
        dirname(join(CATALOG, agent.file)),
        agent.spec.instructions.$text,
      );
      expect(existsSync(file)).toBe(true);
      expect(readFileSync(file, 'utf8').length).toBeGreaterThan(150);
    });
  },
);
