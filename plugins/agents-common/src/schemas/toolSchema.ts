import { DATA_CLASSIFICATIONS } from '../kinds/AgentEntity';
import { RISK_TIERS } from '../kinds/riskTier';
import { entityRef, kindSchema, oneOfWords } from './fields';

/**
 * JSON Schema of the Tool kind.
 *
 * @public
 */
export const toolSchema = kindSchema({
  kind: 'Tool',
  description: 'A tool that agents call, and what it can do to the world.',
  spec: {
    type: 'object',
    required: [
      'type',
      'lifecycle',
      'owner',
      'riskTier',
      'providedBy',
      'toolName',
    ],
    properties: {
      type: oneOfWords('How the tool is called.', ['mcp']),
      lifecycle: {
        type: 'string',
        minLength: 1,
        description: 'The stage of its life.',
        examples: ['experimental', 'production', 'deprecated'],
      },
      owner: entityRef(
        'The group or user that owns the tool.',
        'group:default/orders',
      ),
      system: entityRef('The system that the tool is part of.', 'orders'),
      riskTier: oneOfWords(
        'What a call can do: read changes nothing, write can be undone, external reaches outside, critical destroys or spends, forbidden is never called.',
        RISK_TIERS,
      ),
      dataClassification: oneOfWords(
        'The most sensitive data that it gives. Agents that may see less cannot call it. internal if not given.',
        DATA_CLASSIFICATIONS,
      ),
      providedBy: entityRef(
        'The API (spec.type mcp-server) that serves the tool.',
        'api:default/orders',
      ),
      toolName: {
        type: 'string',
        minLength: 1,
        maxLength: 255,
        description: 'The name of the tool on its server.',
        examples: ['find_order'],
      },
      annotations: {
        type: 'object',
        description: 'The hints that the server gave.',
        properties: {
          title: { type: 'string' },
          readOnlyHint: { type: 'boolean' },
          destructiveHint: { type: 'boolean' },
          idempotentHint: { type: 'boolean' },
          openWorldHint: { type: 'boolean' },
        },
      },
    },
  },
});
