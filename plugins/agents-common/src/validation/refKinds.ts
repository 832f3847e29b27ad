import {
  DEFAULT_NAMESPACE,
  type Entity,
  parseEntityRef,
} from '@backstage/catalog-model';
import { normalizeRef, type RefField } from '../refs/specRefs';

/** Kinds as people write them, by the lower-case form that refs hold. */
const KIND_NAMES: Record<string, string> = Object.fromEntries(
  [
    'Agent',
    'AiResource',
    'API',
    'Component',
    'Domain',
    'Group',
    'Location',
    'Model',
    'Resource',
    'System',
    'Template',
    'Tool',
    'User',
  ].map(kind => [kind.toLocaleLowerCase('en-US'), kind]),
);

/** Finds refs that point to a kind that the field does not take. */
export function wrongRefs(
  entity: Entity,
  fields: readonly RefField[],
): string[] {
  const spec = (entity.spec ?? {}) as Record<string, unknown>;
  const defaultNamespace = entity.metadata.namespace ?? DEFAULT_NAMESPACE;
  return fields.flatMap(({ path, kinds, member }) => {
    const value = spec[path];
    const list = Array.isArray(value) ? value : [value];
    return list.flatMap((item, index) => {
      const inMap = member !== undefined && typeof item === 'object';
      const ref = inMap ? item?.[member] : item;
      if (typeof ref !== 'string' || !ref.trim()) {
        return []; // the schema has spoken about it already
      }
      const field = `spec.${path}${Array.isArray(value) ? `[${index}]` : ''}${
        inMap ? `.${member}` : ''
      }`;
      const problem = refProblem(ref, kinds, defaultNamespace);
      return problem ? [`${field} ${problem}`] : [];
    });
  });
}

function refProblem(
  ref: string,
  kinds: readonly string[],
  defaultNamespace: string,
): string | undefined {
  let kind: string;
  try {
    const full = normalizeRef(ref, {
      defaultKind: kinds[0],
      defaultNamespace,
    });
    kind = parseEntityRef(full).kind;
  } catch (error) {
    return `is wrong: ${(error as Error).message}`;
  }
  const fits = kinds.some(k => k.toLocaleLowerCase('en-US') === kind);
  if (fits) {
    return undefined;
  }
  return `must reference ${withArticle(kinds)}, but ${ref} is ${withArticle([
    KIND_NAMES[kind] ?? kind,
  ])}`;
}

function withArticle(kinds: readonly string[]): string {
  return kinds
    .map(kind => `${/^[AEIO]/i.test(kind) ? 'an' : 'a'} ${kind}`)
    .join(' or ');
}
