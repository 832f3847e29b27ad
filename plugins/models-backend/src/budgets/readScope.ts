import type { ModelDirectory } from '@agentportal/model-gateway';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError, stringifyError } from '@backstage/errors';
import {
  type BudgetScope,
  type BudgetScopeType,
  ORGANISATION_REF,
} from './budget';

const MAX_RUN_ID = 64;

/** As the catalog has it, so that no row names what can never be there. */
const ENTITY_NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

/** The kinds that the ref of a scope may have, the default first. */
const KINDS: Partial<Record<BudgetScopeType, string[]>> = {
  domain: ['domain'],
  system: ['system'],
  owner: ['group', 'user'],
  agent: ['agent'],
  user: ['user'],
};

/** Reads a scope as people write it into the form that the ledger has. */
export function readScope(
  scope: { type: BudgetScopeType; ref?: string },
  directory: Pick<ModelDirectory, 'model' | 'resolve'>,
): BudgetScope {
  const { type } = scope;
  if (type === 'organisation') {
    return { type, ref: ORGANISATION_REF };
  }
  if (!scope.ref) {
    throw new InputError(`A budget of a ${type} needs its \`scope.ref\`.`);
  }
  if (type === 'run') {
    return { type, ref: scope.ref.slice(0, MAX_RUN_ID) };
  }
  if (type === 'key') {
    return { type, ref: scope.ref };
  }
  if (type === 'model') {
    return { type, ref: readModel(scope.ref, directory) };
  }
  return {
    type,
    ref: readEntityRef('scope.ref', scope.ref, KINDS[type] ?? [type]),
  };
}

const ACCOUNT_KINDS = {
  agentRef: ['agent'],
  ownerRef: ['group', 'user'],
  systemRef: ['system'],
  domainRef: ['domain'],
  userRef: ['user'],
};

/** A query with its entity refs as the ledger has them. */
export function readAccount<
  T extends Partial<Record<keyof typeof ACCOUNT_KINDS, string>>,
>(query: T): T {
  const read = { ...query };
  for (const [field, kinds] of Object.entries(ACCOUNT_KINDS)) {
    const name = field as keyof typeof ACCOUNT_KINDS;
    if (query[name] !== undefined) {
      Object.assign(read, { [name]: readEntityRef(field, query[name], kinds) });
    }
  }
  return read;
}

/** The ref of the scope that a list is asked about. */
export function readScopeRef({
  scopeRef,
  scopeType,
}: {
  scopeRef?: string;
  scopeType?: BudgetScopeType;
}): string | undefined {
  const kinds = scopeType && KINDS[scopeType];
  return kinds ? readEntityRef('scopeRef', scopeRef, kinds) : scopeRef;
}

function readModel(
  ref: string,
  directory: Pick<ModelDirectory, 'model' | 'resolve'>,
): string {
  const found = directory.resolve(ref);
  if (found?.route) {
    throw new InputError(
      `${ref} is a route; set the budget on a model, such as ${
        found.models[0]?.id ?? 'openai/gpt-5.1'
      }.`,
    );
  }
  // A model may have a budget before its provider lists it.
  if (!found && !/^[a-z0-9][a-z0-9-]*\/\S+$/.test(ref)) {
    throw new InputError(
      `${ref} is not a model; use a gateway id such as openai/gpt-5.1.`,
    );
  }
  return found?.models[0]?.id ?? ref;
}

/**
 * Reads an entity ref as people write it.
 *
 * @param kinds - that it may have, the default first
 */
export function readEntityRef<T extends string | undefined>(
  field: string,
  ref: T,
  kinds: string[],
): T | string {
  if (ref === undefined) {
    return ref;
  }
  let parsed;
  try {
    parsed = parseEntityRef(ref, {
      defaultKind: kinds[0],
      defaultNamespace: 'default',
    });
  } catch (error) {
    throw new InputError(
      `\`${field}\` must be an entity ref: ${stringifyError(error)}`,
    );
  }
  const { kind, name, namespace } = parsed;
  if (!kinds.includes(kind.toLocaleLowerCase('en-US'))) {
    throw new InputError(
      `${ref} is not a ${kinds.join(' or ')}, which \`${field}\` must name.`,
    );
  }
  if (!ENTITY_NAME.test(name) || !ENTITY_NAME.test(namespace)) {
    throw new InputError(
      `\`${field}\` must be the ref of an entity that can be in the catalog: names have up to 63 letters, digits, dots, dashes and underscores.`,
    );
  }
  return stringifyEntityRef(parsed);
}
