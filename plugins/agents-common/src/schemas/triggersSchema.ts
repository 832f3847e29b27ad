import type { JsonObject } from '@backstage/types';
import { entityRefs, oneOfWords } from './fields';

/** By path, a value or a list of which one must be there. */
const filter = (description: string, types: string[]): JsonObject => ({
  type: 'object',
  description,
  maxProperties: 20,
  propertyNames: { pattern: '^\\S{1,200}$' },
  additionalProperties: {
    type: [...types, 'array'],
    minItems: 1,
    maxItems: 50,
    items: { type: types },
  },
});
const eventFilter = filter(
  'Which values an event must have, by path in it; of a list, one.',
  ['string', 'number', 'boolean'],
);

/**
 * JSON Schema of `spec.triggers` of an Agent. What it does not name is refused: a limit
 * that is not read is none.
 *
 * @param quotas - the schema of `spec.quotas`
 */
export function triggersSchema(quotas: JsonObject): JsonObject {
  const common: JsonObject = {
    name: {
      type: 'string',
      pattern: '^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$',
      maxLength: 63,
      description: 'Unique among the triggers of the agent.',
    },
    message: {
      type: 'string',
      minLength: 1,
      maxLength: 10_000,
      description:
        'What the agent is told; {{ event.a.b }} stands for what the event has there.',
    },
    ifRunning: oneOfWords(
      'What happens while a run that the trigger started is under way. Default is skip.',
      ['skip', 'queue', 'cancel'],
    ),
    maxPerDay: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      description: 'Runs that it may start in a day (UTC). Default is 200.',
    },
    quotas,
    offAfterFailures: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      description:
        'After so many failures in a row it is switched off. Default is 5.',
    },
  };
  const trigger = (
    type: string,
    description: string,
    properties: JsonObject,
    required: string[] = [],
  ): JsonObject => ({
    type: 'object',
    description,
    required: ['name', 'type', 'message', ...required],
    additionalProperties: false,
    properties: { type: { const: type }, ...common, ...properties },
  });
  return {
    type: 'array',
    maxItems: 20,
    description: 'What starts runs without a person; needs identity: own.',
    items: {
      type: 'object',
      required: ['type'],
      discriminator: { propertyName: 'type' },
      oneOf: [
        trigger(
          'schedule',
          'At times.',
          {
            cron: {
              type: 'string',
              maxLength: 200,
              description:
                'Minute, hour, day of month, month, day of week; such as 0 7 * * 1-5.',
            },
            timeZone: {
              type: 'string',
              maxLength: 64,
              description: 'IANA name such as Europe/Berlin. Default is UTC.',
            },
            catchUp: oneOfWords(
              'What becomes of times at which the portal was away. Default is once.',
              ['skip', 'once', 'all'],
            ),
            catchUpMax: { type: 'integer', minimum: 1, maximum: 100 },
          },
          ['cron'],
        ),
        trigger('webhook', 'When another system calls, signed.', {
          filter: eventFilter,
        }),
        trigger(
          'event',
          'When a plugin of the portal publishes something.',
          {
            topic: { type: 'string', minLength: 1, maxLength: 255 },
            filter: eventFilter,
          },
          ['topic'],
        ),
        trigger(
          'catalog',
          'When entities come, change or go.',
          {
            on: {
              type: 'array',
              minItems: 1,
              items: oneOfWords('A change.', ['added', 'changed', 'removed']),
            },
            filter: {
              ...filter('Which entities, as in filters of the catalog.', [
                'string',
              ]),
              minProperties: 1,
            },
          },
          ['filter'],
        ),
        trigger(
          'run',
          'When runs of agents of the same owner end.',
          {
            agents: {
              ...entityRefs('Whose runs.', 'agent:default/stock-scout', 20),
              minItems: 1,
            },
            outcomes: {
              type: 'array',
              minItems: 1,
              items: oneOfWords('How they ended.', [
                'succeeded',
                'failed',
                'cancelled',
              ]),
            },
          },
          ['agents'],
        ),
        trigger(
          'threshold',
          'When a figure of the agent, or of its owner, is too high; once a day.',
          {
            metric: oneOfWords('What is looked at.', ['cost', 'failureRate']),
            of: oneOfWords('Whose. Default is agent.', ['agent', 'owner']),
            over: {
              type: 'number',
              minimum: 0,
              maximum: 1_000_000,
              description: 'US dollars, or per cent of the runs.',
            },
            days: { type: 'integer', minimum: 1, maximum: 90 },
          },
          ['metric', 'over'],
        ),
      ],
    },
  };
}
