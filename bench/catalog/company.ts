import type { Entity } from '@backstage/catalog-model';

const TEAMS = 40;
const SYSTEMS = 25;
const DOMAINS = 8;
const TOOLS = 60;
const PEOPLE = 200;
const ROUTES = ['balanced', 'economical', 'best-quality'];
const WORDS = [
  'claims',
  'orders',
  'returns',
  'invoices',
  'shipments',
  'contracts',
  'payroll',
  'onboarding',
  'incidents',
  'forecast',
  'inventory',
  'quality',
];

function entity(
  apiVersion: string,
  kind: string,
  name: string,
  spec: object,
  metadata: object = {},
): Entity {
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...metadata,
      annotations: {
        'backstage.io/managed-by-location': 'bench:company',
        'backstage.io/managed-by-origin-location': 'bench:company',
      },
    },
    spec,
  } as Entity;
}

const pick = <T>(values: readonly T[], i: number): T =>
  values[i % values.length];
const titleOf = (i: number) =>
  `${pick(WORDS, i)} ${pick(WORDS, Math.floor(i / WORDS.length) + 3)} ${i}`;
const describe = (i: number) =>
  `Helps with ${pick(WORDS, i)} and ${pick(
    WORDS,
    i * 7 + 1,
  )}, and hands over when in doubt.`;

/**
 * What both kinds refer to. For each Model, Tool and person that agents refer
 * to there is a Resource that Components do, because the catalog also puts a
 * relation on its target.
 */
export function surroundings(): Entity[] {
  const core = 'backstage.io/v1alpha1';
  const ours = 'agentportal.dev/v1alpha1';
  const range = (length: number) => Array.from({ length }, (_, i) => i);
  return [
    ...range(TEAMS).map(i =>
      entity(core, 'Group', `team-${i}`, { type: 'team', children: [] }),
    ),
    entity(core, 'User', 'guest', { memberOf: ['team-1', 'team-2'] }),
    ...range(DOMAINS).map(i =>
      entity(core, 'Domain', `domain-${i}`, { owner: 'team-0' }),
    ),
    ...range(SYSTEMS).map(i =>
      entity(core, 'System', `system-${i}`, {
        owner: 'team-0',
        domain: `domain-${i % DOMAINS}`,
      }),
    ),
    ...ROUTES.map(name =>
      entity(ours, 'Model', name, {
        type: 'route',
        lifecycle: 'production',
        owner: 'team-0',
        candidates: ['builtin/extractive'],
      }),
    ),
    ...range(TOOLS).map(i =>
      entity(ours, 'Tool', `orders.tool-${i}`, {
        type: 'mcp',
        lifecycle: 'production',
        owner: `team-${i % TEAMS}`,
        riskTier: 'read',
        providedBy: 'orders',
        toolName: `tool-${i}`,
      }),
    ),
    ...range(PEOPLE).map(i =>
      entity(core, 'User', `person-${i}`, { memberOf: [`team-${i % TEAMS}`] }),
    ),
    ...[
      ...ROUTES.map(name => `route-${name}`),
      ...range(TOOLS).map(i => `store-${i}`),
      ...range(PEOPLE).map(i => `contact-${i}`),
    ].map(name =>
      entity(core, 'Resource', name, { type: 'database', owner: 'team-0' }),
    ),
  ];
}

/** An agent with as many fields and relations as a real one has. */
export function agent(i: number): Entity {
  return entity(
    'agentportal.dev/v1alpha1',
    'Agent',
    `agent-${i}`,
    {
      type: pick(['assistant', 'workflow', 'orchestrator'], i),
      lifecycle: pick(['experimental', 'review', 'production'], i),
      owner: `group:default/team-${i % TEAMS}`,
      sponsor: `user:default/person-${i % PEOPLE}`,
      system: `system-${i % SYSTEMS}`,
      autonomy: pick(['copilot', 'supervised', 'autopilot'], i + 1),
      instructions: 'You are a careful colleague. '.repeat(20),
      model: `model:default/${pick(ROUTES, i)}`,
      tools: [0, 7, 13].map(n => `tool:default/orders.tool-${(i + n) % TOOLS}`),
      quotas: { maxTokens: 40_000, maxCostUsd: 0.5 },
    },
    { title: titleOf(i), description: describe(i), tags: [pick(WORDS, i)] },
  );
}

/** A Component of the same size, with as many fields and relations. */
export function component(i: number): Entity {
  return entity(
    'backstage.io/v1alpha1',
    'Component',
    `component-${i}`,
    {
      type: pick(['service', 'website', 'library'], i),
      lifecycle: pick(['experimental', 'deprecated', 'production'], i),
      owner: `group:default/team-${i % TEAMS}`,
      system: `system-${i % SYSTEMS}`,
      tier: pick(['copilot', 'supervised', 'autopilot'], i + 1),
      notes: 'You are a careful colleague. '.repeat(20),
      dependsOn: [
        `resource:default/contact-${i % PEOPLE}`,
        `resource:default/route-${pick(ROUTES, i)}`,
        ...[0, 7, 13].map(n => `resource:default/store-${(i + n) % TOOLS}`),
      ],
      quotas: { maxTokens: 40_000, maxCostUsd: 0.5 },
    },
    { title: titleOf(i), description: describe(i), tags: [pick(WORDS, i)] },
  );
}
