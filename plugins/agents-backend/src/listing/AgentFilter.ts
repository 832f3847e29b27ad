import { z } from 'zod/v4';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { modelRefOf } from '@agentportal/plugin-agents-common';
import { InputError } from '@backstage/errors';

const words = z
  .union([z.string(), z.array(z.string())])
  .transform(value => [value].flat())
  .pipe(z.array(z.string().min(1)).max(50))
  .default([]);

function refs(defaultKind: string) {
  return words.transform((values, ctx) =>
    values.map(value => {
      try {
        return defaultKind === 'Model'
          ? modelRefOf(value)
          : stringifyEntityRef(parseEntityRef(value, { defaultKind }));
      } catch {
        ctx.addIssue(`"${value}" is not an entity ref such as group:default/x`);
        return value;
      }
    }),
  );
}

const filterShape = {
  q: z.string().trim().max(200).default(''),
  owner: refs('Group'),
  domain: refs('Domain'),
  system: refs('System'),
  model: refs('Model'),
  tool: refs('Tool'),
  lifecycle: words,
  autonomy: words,
  type: words,
  mine: z.enum(['first', 'only']).default('first'),
};

/** Which agents are asked for. Refs are in full form. */
export const agentFilterSchema = z.object(filterShape);
export type AgentFilter = z.infer<typeof agentFilterSchema>;

/** Which agents are asked for, and which page of them. */
export const agentListSchema = z.object({
  ...filterShape,
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().min(1).optional(),
});
export type AgentListRequest = z.infer<typeof agentListSchema>;

/**
 * Reads what somebody asks for.
 *
 * @throws InputError that says what is wrong
 */
export function readRequest<T>(schema: z.ZodType<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value);
  if (error) {
    throw new InputError(z.prettifyError(error));
  }
  return data;
}

/** The fields that agents are filtered and counted by. */
export const FACETS = [
  'owner',
  'domain',
  'system',
  'lifecycle',
  'autonomy',
  'model',
  'tool',
  'type',
] as const;
export type Facet = (typeof FACETS)[number];
