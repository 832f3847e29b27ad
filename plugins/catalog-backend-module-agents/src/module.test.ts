import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import { type BackendFeature } from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  type TestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import aiModelModule from '@backstage/plugin-catalog-backend-module-ai-model';
import request from 'supertest';
import { catalogModuleAgents } from './module';

const COMPANY = `
apiVersion: backstage.io/v1alpha1
kind: System
metadata: { name: claims }
spec: { owner: team }
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: team }
spec: { type: team, children: [] }
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: { name: dana }
spec: { memberOf: [team] }
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: { name: orders }
spec: { type: openapi, lifecycle: production, owner: team, definition: 'x' }
---
apiVersion: agentportal.dev/v1alpha1
kind: Tool
metadata: { name: orders.find_order }
spec:
  type: mcp
  lifecycle: production
  owner: team
  system: claims
  riskTier: read
  providedBy: orders
  toolName: find_order
---
apiVersion: agentportal.dev/v1alpha1
kind: Model
metadata: { name: builtin.extractive }
spec: { type: chat, lifecycle: production, owner: team }
---
apiVersion: agentportal.dev/v1alpha1
kind: Model
metadata: { name: balanced }
spec:
  type: route
  lifecycle: production
  owner: team
  candidates: [openai/gpt-5.1, builtin/extractive]
---
apiVersion: agentportal.dev/v1alpha1
kind: Agent
metadata: { name: fraud-check, title: Fraud check }
spec: { type: assistant, lifecycle: experimental, owner: team, autonomy: copilot }
---
apiVersion: agentportal.dev/v1alpha1
kind: Agent
metadata: { name: triage }
spec:
  type: assistant
  lifecycle: production
  owner: team
  sponsor: dana
  system: claims
  autonomy: supervised
  instructions: { $text: ./instructions.md }
  model: balanced
  tools: [orders.find_order]
  knowledge: [handbook]
  skills: [summarise]
  handoffs: [fraud-check]
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: { name: questions }
spec:
  type: evaluation-data-set
  owner: team
  agent: agent:default/triage
  cases: { $yaml: ./cases.yaml }
`;

const FLOWS: Array<[string, BackendFeature[]]> = [
  ['the builtin flow', []],
  ['the model flow', [aiModelModule as unknown as BackendFeature]],
];

describe.each(FLOWS)('the kinds of Agent Portal in %s', (_flow, extra) => {
  let folder: string;
  let backend: TestBackend;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'agents-catalog-'));
    const repository = path.join(folder, 'claims');
    await mkdir(repository);
    await writeFile(path.join(repository, 'catalog-info.yaml'), COMPANY);
    await writeFile(path.join(repository, 'instructions.md'), 'Be brief.');
    await writeFile(path.join(repository, 'cases.yaml'), 'cases: []');
    backend = await startTestBackend({
      features: [
        catalogPlugin,
        catalogModuleAgents,
        ...extra,
        mockServices.rootConfig.factory({ data: configFor(folder) }),
        // The mock scheduler runs nothing by itself.
        schedulerServiceFactory,
      ],
    });
  });

  afterAll(async () => {
    await backend?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('takes them in with all relations, in both directions', async () => {
    const agent = await entity(backend, 'agent/default/triage');
    expect(agent.metadata.title).toBe('triage');
    expect(agent.spec).toMatchObject({ instructions: 'Be brief.' });
    const questions = await entity(backend, 'resource/default/questions');
    expect(questions.spec).toMatchObject({ cases: 'cases: []' });
    expect(relationsOf(agent)).toEqual([
      'delegatesTo agent:default/fraud-check',
      'dependsOn airesource:default/summarise',
      'dependsOn model:default/balanced',
      'dependsOn resource:default/handbook',
      'dependsOn tool:default/orders.find_order',
      'ownedBy group:default/team',
      'partOf system:default/claims',
      'sponsoredBy user:default/dana',
    ]);

    const expected: Record<string, string[]> = {
      'agent/default/fraud-check': ['delegatedFrom agent:default/triage'],
      'tool/default/orders.find_order': [
        'dependencyOf agent:default/triage',
        'ownedBy group:default/team',
        'partOf system:default/claims',
        'providedBy api:default/orders',
      ],
      'api/default/orders': ['providesTool tool:default/orders.find_order'],
      'model/default/balanced': [
        'dependencyOf agent:default/triage',
        'dependsOn model:default/builtin.extractive',
        'dependsOn model:default/openai.gpt-5.1',
        'ownedBy group:default/team',
      ],
      'model/default/builtin.extractive': [
        'dependencyOf model:default/balanced',
      ],
      'group/default/team': [
        'ownerOf agent:default/triage',
        'ownerOf model:default/balanced',
        'ownerOf tool:default/orders.find_order',
      ],
      'user/default/dana': ['sponsorOf agent:default/triage'],
      'system/default/claims': [
        'hasPart agent:default/triage',
        'hasPart tool:default/orders.find_order',
      ],
    };
    await Promise.all(
      Object.entries(expected).map(([name, relations]) =>
        waitFor(async () => {
          expect(relationsOf(await entity(backend, name))).toEqual(
            expect.arrayContaining(relations),
          );
        }),
      ),
    );
  });

  it('says in plain words what is wrong with an entity', async () => {
    const { status, body } = await request(backend.server)
      .post('/api/catalog/validate-entity')
      .send({
        location: 'url:https://example.com/catalog-info.yaml',
        entity: {
          apiVersion: 'agentportal.dev/v1alpha1',
          kind: 'Agent',
          metadata: { name: 'bad' },
          spec: {
            type: 'assistant',
            lifecycle: 'production',
            owenr: 'team',
            sponsor: 'dana',
            autonomy: 'supervised',
            model: 'component:default/x',
          },
        },
      });
    expect(status).toBe(400);
    const message = body.errors.map((e: Error) => e.message).join();
    expect(message).toContain(
      'Unknown field spec.owenr; did you mean spec.owner?',
    );
    expect(message).toContain(
      'spec.model must reference a Model, but component:default/x is a Component',
    );
  });

  it('says where a workflow is wrong', async () => {
    const { status, body } = await request(backend.server)
      .post('/api/catalog/validate-entity')
      .send({
        location: 'url:https://example.com/catalog-info.yaml',
        entity: {
          apiVersion: 'agentportal.dev/v1alpha1',
          kind: 'Agent',
          metadata: { name: 'team', namespace: 'claims' },
          spec: {
            type: 'workflow',
            lifecycle: 'experimental',
            owner: 'team',
            autonomy: 'supervised',
            handoffs: ['triage'],
            workflow: {
              nodes: [
                {
                  id: 'a',
                  type: 'agent',
                  agent: 'triage',
                  task: '{{ b.text }}',
                },
                { id: 'b', type: 'agent', agent: 'payroll', task: 'x' },
              ],
            },
          },
        },
      });
    expect(status).toBe(400);
    const message = body.errors.map((e: Error) => e.message).join();
    expect(message).toContain(
      'spec.workflow: nodes[0].task (node a) refers to {{ b.text }}, but b has not run by then',
    );
    expect(message).toContain(
      'spec.workflow: nodes[1].agent (node b) names agent:claims/payroll, which is not in spec.handoffs',
    );
  });

  it('shows a new local agent, and its changes, within seconds', async () => {
    const repository = path.join(folder, 'second');
    await mkdir(repository);
    const file = path.join(repository, 'catalog-info.yaml');
    const yaml = (title: string) => `
apiVersion: agentportal.dev/v1alpha1
kind: Agent
metadata: { name: second, title: ${title} }
spec: { type: assistant, lifecycle: experimental, owner: team, autonomy: copilot }
`;
    await writeFile(file, yaml('First'));
    await waitFor(async () => {
      const found = await entity(backend, 'agent/default/second');
      expect(found.metadata.title).toBe('First');
    });
    await writeFile(file, yaml('Renamed'));
    await waitFor(async () => {
      const found = await entity(backend, 'agent/default/second');
      expect(found.metadata.title).toBe('Renamed');
    });
    await rm(repository, { recursive: true });
    await waitFor(async () => {
      const gone = await request(backend.server).get(
        '/api/catalog/entities/by-name/agent/default/second',
      );
      expect(gone.status).toBe(404);
    });
  });
});

function configFor(folder: string) {
  return {
    agents: { localRepositories: { path: folder } },
    catalog: {
      processingInterval: { seconds: 5 },
      orphanStrategy: 'delete',
      rules: [
        {
          allow: [
            'Agent',
            'Tool',
            'Model',
            'API',
            'Group',
            'User',
            'System',
            'Resource',
            'Location',
          ],
        },
      ],
    },
  };
}

async function entity(backend: TestBackend, name: string): Promise<Entity> {
  let found: Entity | undefined;
  await waitFor(async () => {
    const { status, body } = await request(backend.server).get(
      `/api/catalog/entities/by-name/${name}`,
    );
    expect(`${name} ${status}`).toBe(`${name} 200`);
    found = body;
  });
  return found!;
}

function relationsOf(found: Entity): string[] {
  return (found.relations ?? []).map(r => `${r.type} ${r.targetRef}`).sort();
}

async function waitFor(check: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await new Promise(resolve => setTimeout(resolve, 200));
    }
  }
}

jest.setTimeout(60_000);
