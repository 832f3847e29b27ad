import { entityRef, kindSchema, oneOfWords } from './fields';
import { routeFields } from './routeFields';

const nanoUsd = {
  type: 'integer',
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description:
    'Integer nano-USD (1e-9 USD) per million tokens: 1 USD is 1000000000.',
};

/**
 * JSON Schema of the Model kind, routes included.
 *
 * @public
 */
export const modelSchema = kindSchema({
  kind: 'Model',
  description:
    'A model that answers, embeds, moderates, ranks, paints, speaks or listens, or a route to models.',
  spec: {
    type: 'object',
    required: ['type', 'lifecycle', 'owner'],
    properties: {
      type: oneOfWords('What the model is made for, or a route.', [
        'chat',
        'embedding',
        'moderation',
        'rerank',
        'image',
        'speech',
        'transcription',
        'route',
      ]),
      lifecycle: {
        type: 'string',
        minLength: 1,
        description: 'The stage of its life.',
        examples: ['experimental', 'production', 'deprecated'],
      },
      owner: entityRef(
        'The group or user that owns the model.',
        'group:default/platform',
      ),
      system: entityRef('The system that the model is part of.', 'platform'),
      provider: {
        type: 'string',
        minLength: 1,
        description: 'Id of the configured provider.',
        examples: ['openai'],
      },
      modelId: {
        type: 'string',
        minLength: 1,
        maxLength: 255,
        description: "The model's id at its provider.",
        examples: ['gpt-5.1'],
      },
      contextWindow: {
        type: 'integer',
        minimum: 1,
        description: 'Input and output tokens together.',
      },
      maxOutputTokens: { type: 'integer', minimum: 1 },
      capabilities: {
        type: 'array',
        maxItems: 50,
        items: { type: 'string', minLength: 1, maxLength: 100 },
        examples: [['tools', 'streaming', 'vision']],
      },
      price: {
        type: 'object',
        required: [
          'inputNanoUsdPerMillionTokens',
          'outputNanoUsdPerMillionTokens',
        ],
        properties: {
          inputNanoUsdPerMillionTokens: nanoUsd,
          outputNanoUsdPerMillionTokens: nanoUsd,
          cacheReadNanoUsdPerMillionTokens: nanoUsd,
          cacheWriteNanoUsdPerMillionTokens: nanoUsd,
          cacheWrite1hNanoUsdPerMillionTokens: nanoUsd,
          cacheReadAudioNanoUsdPerMillionTokens: nanoUsd,
          cacheReadImageNanoUsdPerMillionTokens: nanoUsd,
          inputAudioNanoUsdPerMillionTokens: nanoUsd,
          inputImageNanoUsdPerMillionTokens: nanoUsd,
          reasoningNanoUsdPerMillionTokens: nanoUsd,
          outputAudioNanoUsdPerMillionTokens: nanoUsd,
          outputImageNanoUsdPerMillionTokens: nanoUsd,
        },
      },
      ...routeFields,
    },
    // A route without candidates leads nowhere.
    allOf: [
      {
        if: {
          properties: { type: { const: 'route' } },
          required: ['type'],
        },
        then: { required: ['candidates'] },
      },
    ],
  },
});
