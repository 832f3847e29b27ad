import {
  type ModelEntity,
  validateModelEntity,
} from '@agentportal/plugin-agents-common';
import type { Entity } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import { parseDocument, stringify } from 'yaml';
import { z } from 'zod/v4';

const MAX_CHARS = 64_000;

const documentSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z
      .string()
      .regex(
        /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/,
        '`metadata.name` has up to 63 letters, digits, dots, dashes and underscores.',
      ),
    namespace: z
      .literal('default', 'Routes are in the namespace default.')
      .optional(),
    title: z.string().max(200).optional(),
    description: z.string().max(2_000).optional(),
  }),
  spec: z.looseObject({}),
});

/**
 * Reads a route that somebody wrote as the YAML of its entity. Whatever is wrong
 * with it is told in sentences, all of it at once.
 */
export function readRouteYaml(yaml: string): ModelEntity {
  if (yaml.length > MAX_CHARS) {
    throw new InputError(`A route has at most ${MAX_CHARS} characters.`);
  }
  const document = parseDocument(yaml, { prettyErrors: true });
  const [broken] = document.errors;
  if (broken) {
    // The rest of the message repeats the text.
    const [what] = broken.message.split('\n');
    throw new InputError(`This is not YAML: ${what.replace(/:$/, '.')}`);
  }
  const parsed = documentSchema.safeParse(toPlain(document));
  if (!parsed.success) {
    throw new InputError(
      parsed.error.issues
        .map(issue =>
          issue.message.startsWith('`')
            ? issue.message
            : `\`${issue.path.join('.') || 'The document'}\`: ${
                issue.message
              }.`,
        )
        .join(' '),
    );
  }
  const entity = parsed.data as Entity;
  if (!validateModelEntity(entity) || entity.spec.type !== 'route') {
    throw new InputError(
      'A route is an entity of `kind: Model` and `apiVersion: agentportal.dev/v1alpha1` with `spec.type: route`.',
    );
  }
  return entity;
}

/** The entity as people write it, without what the catalog adds. */
export function writeRouteYaml(entity: Entity): string {
  const { name, title, description, tags, labels } = entity.metadata;
  return stringify(
    {
      apiVersion: entity.apiVersion,
      kind: entity.kind,
      metadata: {
        name,
        ...(title && { title }),
        ...(description && { description }),
        ...(tags?.length && { tags }),
        ...(labels && { labels }),
      },
      spec: entity.spec,
    },
    { lineWidth: 100 },
  );
}

function toPlain(document: ReturnType<typeof parseDocument>): unknown {
  try {
    // A few names for repeated parts are fine, a bomb of them is not.
    return document.toJS({ maxAliasCount: 20 });
  } catch (error) {
    throw new InputError(
      `This is not usable YAML: ${(error as Error).message}`,
    );
  }
}
