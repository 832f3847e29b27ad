import { DATA_CLASSIFICATIONS } from '../kinds/AgentEntity';
import { AUTONOMY_LEVELS } from '../kinds/riskTier';
import { entityRef, entityRefs, kindSchema, oneOfWords } from './fields';
import { triggersSchema } from './triggersSchema';

const QUOTAS = {
  type: 'object',
  description: 'Limits of one run.',
  properties: {
    maxTokens: { type: 'integer', minimum: 1, maximum: 100_000_000 },
    maxCostUsd: { type: 'number', minimum: 0.000001, maximum: 10_000 },
    maxDurationSeconds: { type: 'integer', minimum: 1, maximum: 604_800 },
    maxToolCalls: { type: 'integer', minimum: 0, maximum: 10_000 },
    maxSteps: { type: 'integer', minimum: 1, maximum: 10_000 },
  },
};

/**
 * JSON Schema of the Agent kind. Fields that it does not name are tolerated
 * unless they look like a slip of the pen, see {@link validateAgentEntity}.
 *
 * @public
 */
export const agentSchema = kindSchema({
  kind: 'Agent',
  description:
    'An AI agent: who owns it, what it may use and how far it may go.',
  spec: {
    type: 'object',
    required: ['type', 'lifecycle', 'owner', 'autonomy'],
    properties: {
      type: oneOfWords('What sort of agent it is.', [
        'assistant',
        'workflow',
        'orchestrator',
        'external',
      ]),
      lifecycle: oneOfWords('The stage of its life.', [
        'experimental',
        'review',
        'production',
        'suspended',
        'retired',
      ]),
      owner: entityRef(
        'The group or user that owns the agent.',
        'group:default/claims',
      ),
      sponsor: entityRef(
        'The person who answers for the agent; required in production.',
        'user:default/dana.lee',
      ),
      system: entityRef('The system that the agent is part of.', 'claims'),
      framework: {
        type: 'string',
        description:
          'What runs it: langgraph (the default), a2a for an agent that lives elsewhere, or what a module of the portal brings along.',
        pattern: '^[a-z][a-z0-9-]{0,62}$',
        examples: ['langgraph', 'a2a'],
      },
      a2a: {
        type: 'object',
        required: ['cardUrl'],
        description: 'Where an agent of the framework a2a is found.',
        properties: {
          cardUrl: {
            type: 'string',
            maxLength: 2_000,
            pattern: '^https?://\\S+$',
            description: 'URL of its A2A agent card.',
            examples: [
              'https://agents.example.com/.well-known/agent-card.json',
            ],
          },
          keyThumbprint: {
            type: 'string',
            pattern: '^[A-Za-z0-9_-]{43}$',
            description:
              'RFC 7638 thumbprint of the key that signs its card. Without it the key that is seen first is remembered.',
          },
          cardDigest: {
            type: 'string',
            pattern: '^[0-9a-f]{64}$',
            description:
              'SHA-256 of what its card says, as the portal names it. A card that says something else is not called then. Without it its owner is told of changes.',
          },
          maxPriceUsd: {
            type: 'number',
            minimum: 0,
            maximum: 10_000,
            description:
              'The most that one call may cost. Without it the price that is seen first is.',
          },
        },
      },
      autonomy: oneOfWords(
        'How far it may go without asking: copilot reads, supervised also writes, autopilot also reaches outside.',
        AUTONOMY_LEVELS,
      ),
      identity: oneOfWords(
        'In whose name it acts: person only ever for a person, own also by itself. Default is person; to change it, make a new agent.',
        ['own', 'person'],
      ),
      dataClassification: oneOfWords(
        'The most sensitive data it may see.',
        DATA_CLASSIFICATIONS,
      ),
      instructions: {
        description:
          'The system prompt, inline or from a file beside this one ($text); it goes with every call of a model.',
        maxLength: 65_536,
        anyOf: [
          { type: 'string' },
          {
            type: 'object',
            required: ['$text'],
            properties: { $text: { type: 'string' } },
          },
        ],
        examples: [{ $text: './instructions.md' }],
      },
      handoffDescription: {
        type: 'string',
        maxLength: 2_000,
        description: 'What other agents are told about when to hand work over.',
      },
      model: entityRef(
        'A Model or a route; a gateway id such as openai/gpt-5.1 is understood too.',
        'model:default/balanced',
      ),
      modelSettings: {
        type: 'object',
        properties: {
          temperature: { type: 'number', minimum: 0, maximum: 2 },
          maxTokens: { type: 'integer', minimum: 1, maximum: 1_000_000 },
          toolChoice: oneOfWords('Whether tools must be called.', [
            'auto',
            'required',
            'none',
          ]),
          promptCompression: oneOfWords(
            'Whether repeated and stale parts of a prompt are left out.',
            ['none', 'structural'],
          ),
          cache: {
            type: 'object',
            required: ['mode'],
            description:
              'Whether questions that were asked before are answered from memory.',
            properties: {
              mode: oneOfWords(
                'Off, the very same question, or also one that means the same.',
                ['off', 'exact', 'semantic'],
              ),
              ttlSeconds: {
                type: 'integer',
                minimum: 1,
                maximum: 2_592_000,
                description:
                  'How long an answer is remembered. Default is an hour.',
              },
              shared: {
                type: 'boolean',
                description:
                  'Whether people share answers. Only for agents whose answers are the same for everyone.',
              },
            },
          },
        },
      },
      tools: entityRefs(
        'The tools that the agent may call; no others.',
        'tool:default/orders.find_order',
        200,
      ),
      knowledge: entityRefs(
        'What the agent may look things up in.',
        'resource:default/claims-handbook',
        50,
      ),
      handoffs: entityRefs(
        'The agents that this one may hand work to.',
        'agent:default/fraud-check',
        50,
      ),
      skills: entityRefs(
        'The skills that the agent uses.',
        'airesource:default/summarise-claim',
        50,
      ),
      quotas: QUOTAS,
      exampleQuestions: {
        type: 'array',
        maxItems: 20,
        description: 'Questions to try, shown while a chat is empty.',
        items: { type: 'string', minLength: 1, maxLength: 500 },
      },
      triggers: triggersSchema(QUOTAS),
      workflow: {
        type: 'object',
        description:
          'What an agent of type workflow does: nodes, or a pattern such as pipeline or vote.',
      },
      outputSchema: {
        type: 'object',
        description: 'JSON Schema of the answer.',
      },
      // Field names of the AiResource agent that other portals use; kept as they are.
      toolUseBehavior: {},
      resetToolChoice: { type: 'boolean' },
    },
    // An agent in production answers to a person.
    allOf: [
      {
        if: {
          properties: { lifecycle: { const: 'production' } },
          required: ['lifecycle'],
        },
        then: { required: ['sponsor'] },
      },
      {
        if: {
          properties: { type: { const: 'workflow' } },
          required: ['type'],
        },
        then: { required: ['workflow'] },
      },
    ],
  },
});
