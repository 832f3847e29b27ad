import type { Entity } from '@backstage/catalog-model';
import {
  validateAgentEntity,
  validateModelEntity,
  validateToolEntity,
} from './validators';

function agent(spec: Record<string, unknown> = {}): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name: 'claims-triage' },
    spec: {
      type: 'assistant',
      lifecycle: 'experimental',
      owner: 'claims',
      autonomy: 'supervised',
      ...spec,
    },
  } as Entity;
}

function tool(spec: Record<string, unknown> = {}): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Tool',
    metadata: { name: 'orders.find_order' },
    spec: {
      type: 'mcp',
      lifecycle: 'production',
      owner: 'orders',
      riskTier: 'read',
      providedBy: 'orders',
      toolName: 'find_order',
      ...spec,
    },
  } as Entity;
}

function model(spec: Record<string, unknown> = {}): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Model',
    metadata: { name: 'openai.gpt-5.1' },
    spec: { type: 'chat', lifecycle: 'production', owner: 'platform', ...spec },
  } as Entity;
}

function messageOf(check: (entity: Entity) => boolean, entity: Entity): string {
  try {
    check(entity);
  } catch (error) {
    expect((error as Error).name).toBe('InputError');
    return (error as Error).message;
  }
  throw new Error('The entity was taken for valid');
}

describe('validateAgentEntity', () => {
  it('accepts a small and a full agent', () => {
    expect(validateAgentEntity(agent())).toBe(true);
    expect(
      validateAgentEntity(
        agent({
          lifecycle: 'production',
          sponsor: 'user:default/dana.lee',
          system: 'claims-platform',
          framework: 'langgraph',
          dataClassification: 'internal',
          instructions: 'Be brief.',
          handoffDescription: 'Takes claims.',
          model: 'openai/gpt-5.1',
          modelSettings: { temperature: 0.2, maxTokens: 500 },
          tools: ['tool:default/orders.find_order', 'orders.list_orders'],
          knowledge: ['handbook'],
          handoffs: ['fraud-check'],
          skills: ['summarise-claim'],
          quotas: { maxTokens: 40000, maxCostUsd: 0.5, maxToolCalls: 0 },
          exampleQuestions: ['Where is order 7?'],
          identity: 'own',
          triggers: [
            {
              name: 'weekdays',
              type: 'schedule',
              cron: '0 6 * * 1-5',
              timeZone: 'Europe/Berlin',
              message: 'What runs low?',
            },
          ],
        }),
      ),
    ).toBe(true);
  });

  it('accepts the fields of other agent schemas and fields of people', () => {
    expect(
      validateAgentEntity(
        agent({
          toolUseBehavior: 'run_llm_again',
          resetToolChoice: true,
          outputSchema: { type: 'object' },
          instructions: { $text: './instructions.md' },
          costCentre: '4711',
        }),
      ),
    ).toBe(true);
  });

  it('puts an end to lists and texts, each ref of which the catalog works through', () => {
    const refs = (count: number) =>
      Array.from({ length: count }, (_, i) => `orders.t${i}`);
    expect(validateAgentEntity(agent({ tools: refs(200) }))).toBe(true);
    for (const [spec, reason] of [
      [{ tools: refs(8_000) }, 'spec.tools has 8000 items, but may have 200'],
      [{ handoffs: refs(51) }, 'spec.handoffs has 51 items, but may have 50'],
      [
        { instructions: 'x'.repeat(65_537) },
        'spec.instructions has 65537 characters, but may have 65536 at most',
      ],
      [{ owner: 'x'.repeat(300) }, 'spec.owner has 300 characters'],
    ] as const) {
      expect(messageOf(validateAgentEntity, agent(spec))).toContain(reason);
    }
  });

  it('leaves other kinds, and Agents of other groups, to others', () => {
    expect(validateAgentEntity({ ...agent(), kind: 'Component' })).toBe(false);
    expect(validateAgentEntity({ ...agent(), apiVersion: 'acme.com/v1' })).toBe(
      false,
    );
  });

  it('names the field that was meant, and does not call it missing too', () => {
    const message = messageOf(
      validateAgentEntity,
      agent({ owner: undefined, owenr: 'claims' }),
    );
    expect(message).toBe('Unknown field spec.owenr; did you mean spec.owner?');
  });

  it('finds slips in nested fields', () => {
    expect(
      messageOf(validateAgentEntity, agent({ quotas: { maxToken: 10 } })),
    ).toBe(
      'Unknown field spec.quotas.maxToken; did you mean spec.quotas.maxTokens?',
    );
  });

  it('says which kind a ref should have, and which it has', () => {
    expect(
      messageOf(validateAgentEntity, agent({ model: 'component:default/x' })),
    ).toBe(
      'spec.model must reference a Model, but component:default/x is a Component',
    );
    expect(
      messageOf(validateAgentEntity, agent({ tools: ['a', 'api:orders'] })),
    ).toBe('spec.tools[1] must reference a Tool, but api:orders is an API');
    expect(
      messageOf(validateAgentEntity, agent({ owner: 'system:default/x' })),
    ).toBe(
      'spec.owner must reference a Group or a User, but system:default/x is a System',
    );
  });

  it('explains a ref that cannot be read', () => {
    expect(
      messageOf(validateAgentEntity, agent({ handoffs: ['agent:a/b/c:d'] })),
    ).toContain('spec.handoffs[0]');
  });

  it('says the range of a quota', () => {
    expect(
      messageOf(validateAgentEntity, agent({ quotas: { maxTokens: 0 } })),
    ).toBe(
      'spec.quotas.maxTokens is 0, which is out of range: it must be between 1 and 100000000',
    );
    expect(
      messageOf(validateAgentEntity, agent({ quotas: { maxSteps: 2.5 } })),
    ).toBe('spec.quotas.maxSteps must be a whole number, but is 2.5');
  });

  it('asks for a sponsor in production', () => {
    expect(
      messageOf(validateAgentEntity, agent({ lifecycle: 'production' })),
    ).toMatch(/^spec\.sponsor is missing: an agent in production needs/);
  });

  it('lists the words that an enum takes', () => {
    expect(messageOf(validateAgentEntity, agent({ autonomy: 'full' }))).toBe(
      'spec.autonomy is "full", but must be one of copilot, supervised, autopilot',
    );
  });

  it('tells everything at once', () => {
    const message = messageOf(
      validateAgentEntity,
      agent({ autonomy: 'full', type: 'bot', owner: '' }),
    );
    expect(message.split('; ')).toHaveLength(3);
  });

  it('survives a spec that is no map', () => {
    expect(
      messageOf(validateAgentEntity, { ...agent(), spec: 'x' } as any),
    ).toContain('spec must be a map of fields');
    expect(
      messageOf(validateAgentEntity, { ...agent(), spec: undefined }),
    ).toContain('spec is missing');
  });
});

describe('validateToolEntity', () => {
  it('accepts a tool and explains a bad one', () => {
    expect(validateToolEntity(tool())).toBe(true);
    expect(
      messageOf(
        validateToolEntity,
        tool({ riskTier: 'high', providedBy: 'component:x' }),
      ),
    ).toBe(
      'spec.riskTier is "high", but must be one of read, write, external, critical, forbidden; spec.providedBy must reference an API, but component:x is a Component',
    );
  });
});

describe('validateModelEntity', () => {
  it('accepts a model, and a route to ids and refs', () => {
    expect(validateModelEntity(model())).toBe(true);
    expect(
      validateModelEntity(
        model({
          type: 'route',
          strategy: 'priority',
          candidates: [
            'ollama/qwen3:8b',
            'model:default/openai.gpt-5.1',
            'builtin/extractive',
          ],
        }),
      ),
    ).toBe(true);
  });

  it('accepts a route with rules, fallbacks and a hedge', () => {
    expect(
      validateModelEntity(
        model({
          type: 'route',
          strategy: 'complexity',
          candidates: [
            { model: 'ollama/qwen3:8b', tier: 'simple', weight: 0.5 },
            {
              model: 'model:default/openai.gpt-5.1',
              tier: 'reasoning',
              when: { maxInputTokens: 8000, needs: ['vision'] },
            },
            'builtin/extractive',
          ],
          fallbacks: ['builtin/extractive'],
          sticky: false,
          retries: 2,
          hedge: { afterPercentile: 99, maxPercentOfCalls: 2 },
        }),
      ),
    ).toBe(true);
  });

  it.each([
    [{ candidates: [7] }, 'spec.candidates[0] must be text or a map of fields'],
    [{ candidates: [{}] }, 'spec.candidates[0].model is missing'],
    [
      { candidates: [{ model: 'a/b', tier: 'hard' }] },
      'spec.candidates[0].tier is "hard", but must be one of simple, medium, complex, reasoning',
    ],
    [
      { candidates: [{ model: 'a/b', wieght: 2 }] },
      'Unknown field spec.candidates[0].wieght; did you mean spec.candidates[0].weight?',
    ],
    [
      { candidates: [{ model: 'a/b', when: { country: 'eu' } }] },
      'Unknown field spec.candidates[0].when.country; there are minInputTokens, maxInputTokens, needs, dataClassification',
    ],
    [
      { candidates: [{ model: 'component:default/x' }] },
      'spec.candidates[0].model must reference a Model',
    ],
    [
      { candidates: ['a/b'], fallbacks: ['component:default/x'] },
      'spec.fallbacks[0] must reference a Model',
    ],
    [
      { candidates: ['a/b'], retries: 9 },
      'spec.retries is 9, which is out of range: it must be between 0 and 5',
    ],
    [
      { candidates: ['a/b'], strategy: 'luck' },
      'spec.strategy is "luck", but must be one of priority, weighted',
    ],
  ])('says what is wrong with the route %j', (spec, message) => {
    expect(
      messageOf(validateModelEntity, model({ type: 'route', ...spec })),
    ).toContain(message);
  });

  it('asks a route for its candidates and a price for whole numbers', () => {
    expect(messageOf(validateModelEntity, model({ type: 'route' }))).toMatch(
      /^spec\.candidates is missing: a route needs/,
    );
    expect(
      messageOf(
        validateModelEntity,
        model({
          price: {
            inputNanoUsdPerMillionTokens: 1.5,
            outputNanoUsdPerMillionTokens: -1,
          },
        }),
      ),
    ).toMatch(/whole number.*out of range/);
  });
});

describe('triggers', () => {
  const trigger = (more: Record<string, unknown> = {}) => ({
    name: 'daily',
    type: 'schedule',
    cron: '0 6 * * *',
    message: 'Look.',
    ...more,
  });
  const withTriggers = (...triggers: unknown[]) =>
    agent({ identity: 'own', triggers });

  it('accepts one of each type', () => {
    const { cron, ...rest } = trigger();
    expect(
      validateAgentEntity(
        withTriggers(
          trigger({ catchUp: 'all', catchUpMax: 3, quotas: { maxSteps: 4 } }),
          {
            ...rest,
            name: 'shop',
            type: 'webhook',
            message: 'Order {{ event.body.order-id }} of {{event.body.a.b}}',
            filter: { 'body.kind': ['paid', 'refunded'], 'body.test': false },
          },
          { ...rest, name: 'bus', type: 'event', topic: 'github.push' },
          {
            ...rest,
            name: 'new',
            type: 'catalog',
            on: ['added'],
            filter: { kind: 'Component', 'spec.type': ['service'] },
          },
          { ...rest, name: 'after', type: 'run', agents: ['stock-scout'] },
          {
            ...rest,
            name: 'dear',
            type: 'threshold',
            metric: 'cost',
            of: 'owner',
            over: 20,
          },
        ),
      ),
    ).toBe(true);
  });

  it('says in words what is wrong with one', () => {
    const one = (more: Record<string, unknown>) =>
      messageOf(validateAgentEntity, withTriggers(trigger(more)));
    for (const [more, reason] of [
      [
        { type: 'clock' },
        'spec.triggers[0].type is "clock", but must be one of schedule, webhook, event, catalog, run, threshold',
      ],
      [{ cron: '61 * * * *' }, 'Invalid value for minute: 61'],
      [{ cron: '* * * * * *' }, 'spec.triggers[0].cron is * * * * * *'],
      [{ cron: '0 0 31 2 *' }, 'which is at no time to come'],
      [{ timeZone: 'Mars/Olympus' }, 'must be an IANA name'],
      [
        { message: 'It is {{ now() }}' },
        'spec.triggers[0].message has {{ now() }}, but may hold only paths of the event',
      ],
      [
        { catchup: 'all' },
        'Unknown field spec.triggers[0].catchup; did you mean spec.triggers[0].catchUp?',
      ],
      [{ message: undefined }, 'spec.triggers[0].message is missing'],
      [{ name: 'a b' }, 'may hold only letters, digits'],
      [{ ifRunning: 'wait' }, 'must be one of skip, queue, cancel'],
    ] as const) {
      expect(one(more)).toContain(reason);
    }
    expect(
      messageOf(validateAgentEntity, withTriggers(trigger(), trigger())),
    ).toContain('two triggers with the name daily');
    expect(
      messageOf(validateAgentEntity, agent({ triggers: [trigger()] })),
    ).toContain('spec.triggers needs spec.identity: own');
    expect(messageOf(validateAgentEntity, withTriggers(null, 7))).toContain(
      'spec.triggers[0] must be a map of fields',
    );
  });
});
