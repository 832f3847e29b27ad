import {
  DEFAULT_NAMESPACE,
  parseEntityRef,
  stringifyEntityRef,
  type Entity,
} from '@backstage/catalog-model';
import { parseEntityYaml } from '@backstage/plugin-catalog-node';
import { z } from 'zod/v4';
import type { ServerSettings } from '../config/readToolsConfig';
import type { ServerEntry } from './records';

const remotesSchema = z.object({
  remotes: z.array(z.object({ type: z.string(), url: z.string() })).min(1),
});

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
  };
  if (settings.url) {
    entry.url = settings.url;
    return entry;
  }
  const remotes = remotesOf(entity);
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

function remotesOf(entity: Entity) {
  const direct = remotesSchema.safeParse(entity.spec);
  if (direct.success) {
    return direct.data.remotes;
  }
  const definition = entity.spec?.definition;
  if (typeof definition !== 'string') {
    return undefined;
  }
  // Not an entity, but the same question: one YAML document that is an object.
  const location = { type: 'entity', target: stringifyEntityRef(entity) };
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
