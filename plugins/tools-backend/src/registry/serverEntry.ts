import {
  DEFAULT_NAMESPACE,
  parseEntityRef,
  stringifyEntityRef,
  type Entity,
} from '@backstage/catalog-model';
import { parseEntityYaml } from '@backstage/plugin-catalog-node';
import { LRUCache } from 'lru-cache';
import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import type { ServerSettings } from '../config/readToolsConfig';
import type { ServerEntry } from './records';

const remotesSchema = z.object({
  remotes: z.array(z.object({ type: z.string(), url: z.string() })).min(1),
});

type Remotes = z.output<typeof remotesSchema>['remotes'];

/** Reading YAML blocks everybody, for seconds when the text is long. */
const MAX_DEFINITION_CHARS = 32 * 1024;

/** What definitions say, by their digests: the catalog is read often. */
const definitions = new LRUCache<string, { remotes?: Remotes }>({ max: 1_000 });

/**
 * Reads where an `API` of `spec.type: mcp-server` is served. Two shapes are
 * understood: `spec.remotes`, as upstream Backstage has it, and the older one
 * with the remotes in a YAML text in `spec.definition`. An address in app-config
 * replaces what the entity says.
 */
export function serverEntryOf(
  entity: Entity,
  settings: ServerSettings,
): ServerEntry {
  const ref = stringifyEntityRef(entity);
  // From the ref, because names that differ by case are one name there.
  const { namespace, name } = parseEntityRef(ref);
  const entry: ServerEntry = {
    ref,
    name: namespace === DEFAULT_NAMESPACE ? name : `${namespace}.${name}`,
    title: entity.metadata.title ?? entity.metadata.name,
    url: '',
    ownerRef: ownerOf(entity),
    entity,
    isVerified: false,
  };
  if (settings.url) {
    entry.url = settings.url;
    return entry;
  }
  const direct = remotesSchema.safeParse(entity.spec);
  const definition = entity.spec?.definition;
  if (
    !direct.success &&
    typeof definition === 'string' &&
    definition.length > MAX_DEFINITION_CHARS
  ) {
    entry.problem = `Its spec.definition has ${definition.length} characters, and ${MAX_DEFINITION_CHARS} are read. Say where the server is in spec.remotes.`;
    return entry;
  }
  const remotes = direct.data?.remotes ?? remotesIn(definition);
  if (!remotes) {
    entry.problem =
      'The entity does not say where the server is. Give it spec.remotes with type streamable-http and a url.';
    return entry;
  }
  const remote = remotes.find(({ type }) => isStreamableHttp(type));
  if (!remote) {
    const types = [...new Set(remotes.map(({ type }) => type))].join(', ');
    entry.problem = `The gateway speaks streamable-http only, and this server offers ${types}.`;
    return entry;
  }
  entry.url = remote.url;
  return entry;
}

/** Full ref of the owner that an entity declares. */
export function ownerOf(entity: Entity): string {
  const owner = entity.spec?.owner;
  try {
    return stringifyEntityRef(
      parseEntityRef(String(owner), {
        defaultKind: 'Group',
        defaultNamespace: entity.metadata.namespace ?? DEFAULT_NAMESPACE,
      }),
    );
  } catch {
    return 'group:default/unknown';
  }
}

function remotesIn(definition: unknown): Remotes | undefined {
  if (typeof definition !== 'string') {
    return undefined;
  }
  const digest = createHash('sha256').update(definition).digest('base64');
  let known = definitions.get(digest);
  if (!known) {
    known = { remotes: parseRemotes(definition) };
    definitions.set(digest, known);
  }
  return known.remotes;
}

function parseRemotes(definition: string): Remotes | undefined {
  try {
    return readRemotes(definition);
  } catch {
    // Aliases that multiply are no answer; the other servers must not suffer for it.
    return undefined;
  }
}

function readRemotes(definition: string): Remotes | undefined {
  // Not an entity, but the same question: one YAML document that is an object.
  const location = { type: 'entity', target: 'spec.definition' };
  for (const result of parseEntityYaml(definition, location)) {
    const parsed = remotesSchema.safeParse(
      result.type === 'entity' ? result.entity : undefined,
    );
    if (parsed.success) {
      return parsed.data.remotes;
    }
  }
  return undefined;
}

function isStreamableHttp(type: string) {
  return /^(streamable-?http|http)$/i.test(type);
}
