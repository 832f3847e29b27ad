import type { JsonObject } from '@backstage/types';
import { oneOfWords } from './fields';

const NEEDS = ['tools', 'vision', 'audio', 'files', 'structured-output'];
const CLASSIFICATIONS = ['public', 'internal', 'confidential', 'restricted'];

const modelName = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  pattern: '^\\S*$',
};
const tokens = { type: 'integer', minimum: 0 };

const candidate: JsonObject = {
  type: 'object',
  required: ['model'],
  additionalProperties: false,
  properties: {
    model: {
      ...modelName,
      description: 'Gateway id or Model ref.',
      examples: ['openai/gpt-5.1'],
    },
    weight: {
      type: 'number',
      minimum: 0,
      maximum: 1_000_000,
      description:
        'Strategy weighted: its share beside the others; 1 if absent.',
    },
    tier: oneOfWords(
      'Strategy complexity: the hardest requests that it is taken for.',
      ['simple', 'medium', 'complex', 'reasoning'],
    ),
    when: {
      type: 'object',
      description: 'It is taken only for requests that fit all of these.',
      additionalProperties: false,
      properties: {
        minInputTokens: tokens,
        maxInputTokens: tokens,
        needs: {
          type: 'array',
          minItems: 1,
          description: 'The request needs at least one of these.',
          items: { type: 'string', enum: NEEDS },
        },
        dataClassification: {
          type: 'array',
          minItems: 1,
          items: { type: 'string', enum: CLASSIFICATIONS },
        },
      },
    },
  },
};

/** The fields of a Model that only routes have. */
export const routeFields: JsonObject = {
  candidates: {
    type: 'array',
    minItems: 1,
    maxItems: 50,
    description:
      'Routes only: gateway ids (openai/gpt-5.1) or Model refs, the best first, each alone or as a map of the model and the rules under which it is taken.',
    items: {
      type: ['string', 'object'],
      if: { type: 'object' },
      then: candidate,
      else: { minLength: 1, maxLength: 255, pattern: '^\\S*$' },
    },
    examples: [['openai/gpt-5.1', { model: 'ollama/qwen3', tier: 'simple' }]],
  },
  strategy: oneOfWords('How a route chooses; priority if absent.', [
    'priority',
    'weighted',
    'lowest-cost',
    'lowest-latency',
    'complexity',
  ]),
  fallbacks: {
    type: 'array',
    maxItems: 50,
    description:
      'Gateway ids or Model refs that are tried in order when no candidate serves.',
    items: modelName,
  },
  sticky: {
    type: 'boolean',
    description:
      'Whether a conversation stays with its model; true if absent, but for priority.',
  },
  retries: {
    type: 'integer',
    minimum: 0,
    maximum: 5,
    description:
      'How often a model is asked again after a passing fault; 1 if absent.',
  },
  hedge: {
    type: 'object',
    description:
      'A second model is asked when the first takes unusually long; the first answer counts and both are paid.',
    additionalProperties: false,
    properties: {
      afterPercentile: {
        type: 'number',
        minimum: 50,
        maximum: 99.9,
        description:
          "Percentile of the model's usual time to the first byte; 95 if absent.",
      },
      maxPercentOfCalls: {
        type: 'number',
        minimum: 0,
        maximum: 100,
        description: "At most so many of the route's calls; 5 if absent.",
      },
    },
  },
};
