import {
  DEFAULT_NAMESPACE,
  parseEntityRef,
  stringifyEntityRef,
  type Entity,
} from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import type { AgentEntity } from '../kinds/AgentEntity';
import type { ModelEntity } from '../kinds/ModelEntity';
import type { ToolEntity } from '../kinds/ToolEntity';
import { modelRefOf } from './modelRef';

/** Namespace and name, in lower case as refs have them. */
const FULL_NAME = /^[a-z0-9][-a-z0-9_.]*\/[a-z0-9][-a-z0-9_.]*$/;

/** Which kinds a field may point to; the first is assumed when none is given. */
export interface RefField {
  path: string;
  kinds: readonly string[];
  /** Where an item of the list may be a map, the field of it with the ref. */
  member?: string;
}

/** The fields of each kind that hold entity refs. */
export const REF_FIELDS = {
  Agent: [
    { path: 'owner', kinds: ['Group', 'User'] },
    { path: 'sponsor', kinds: ['User'] },
    { path: 'system', kinds: ['System'] },
    { path: 'model', kinds: ['Model'] },
    { path: 'tools', kinds: ['Tool'] },
    { path: 'knowledge', kinds: ['Resource'] },
    { path: 'handoffs', kinds: ['Agent'] },
    { path: 'skills', kinds: ['AiResource'] },
  ],
  Tool: [
    { path: 'owner', kinds: ['Group', 'User'] },
    { path: 'system', kinds: ['System'] },
    { path: 'providedBy', kinds: ['API'] },
  ],
  Model: [
    { path: 'owner', kinds: ['Group', 'User'] },
    { path: 'system', kinds: ['System'] },
    { path: 'candidates', kinds: ['Model'], member: 'model' },
    { path: 'fallbacks', kinds: ['Model'] },
  ],
} as const satisfies Record<string, readonly RefField[]>;

/**
 * The full entity ref that a spec field means: `claims` in `spec.owner` of an
 * entity in the namespace `default` is `group:default/claims`.
 *
 * @throws InputError when the text is no entity ref.
 */
export function normalizeRef(
  value: string,
  options: { defaultKind: string; defaultNamespace: string },
): string {
  const kind = options.defaultKind;
  if (kind === 'Model' && (!value.includes(':') || isGatewayId(value))) {
    return modelRefOf(value, options);
  }
  const ref = readRef(value, options);
  if (!ref) {
    const example = kind.toLocaleLowerCase('en-US');
    throw new InputError(
      `"${value}" is not an entity ref; write it like ${example}:default/name`,
    );
  }
  return ref;
}

/**
 * The full form of a ref that must be of one kind: `Triage` for an agent is
 * `agent:default/triage`. `undefined` for what is no ref, of another kind, or has a name
 * that no entity can have, so that a database or the catalog can be asked for the answer.
 *
 * @public
 */
export function fullRefOf(
  text: string,
  kind: string,
  defaultNamespace = DEFAULT_NAMESPACE,
): string | undefined {
  const ref = readRef(text, { defaultKind: kind, defaultNamespace });
  const prefix = `${kind.toLocaleLowerCase('en-US')}:`;
  return ref?.startsWith(prefix) && FULL_NAME.test(ref.slice(prefix.length))
    ? ref
    : undefined;
}

function readRef(
  value: string,
  options: { defaultKind: string; defaultNamespace: string },
): string | undefined {
  try {
    const ref = parseEntityRef(value, options);
    // The upstream parser lets further separators pass into the name.
    return /[/:]/.test(ref.name) ? undefined : stringifyEntityRef(ref);
  } catch {
    return undefined;
  }
}

/** `ollama/qwen3:8b`: the slash comes before the colon. */
function isGatewayId(value: string): boolean {
  const slash = value.indexOf('/');
  return slash >= 0 && slash < value.indexOf(':');
}

function one(
  entity: Entity,
  value: string | undefined,
  kind: string,
): string | undefined {
  return value === undefined ? undefined : many(entity, [value], kind)[0];
}

function many(
  entity: Entity,
  values: string[] | undefined,
  defaultKind: string,
): string[] {
  const defaultNamespace = entity.metadata.namespace ?? DEFAULT_NAMESPACE;
  const refs = (values ?? []).map(value =>
    normalizeRef(value, { defaultKind, defaultNamespace }),
  );
  return [...new Set(refs)];
}

/**
 * All refs of an agent in full form (`kind:namespace/name`, lower case).
 *
 * @public
 */
export interface AgentRefs {
  owner: string;
  sponsor?: string;
  system?: string;
  /** The declared model or route; absent when the agent names none. */
  model?: string;
  tools: string[];
  knowledge: string[];
  handoffs: string[];
  skills: string[];
}

/**
 * Reads the refs of an agent, in full form and without repetitions.
 *
 * @public
 */
export function agentRefsOf(agent: AgentEntity): AgentRefs {
  const { spec } = agent;
  return {
    owner: one(agent, spec.owner, 'Group')!,
    sponsor: one(agent, spec.sponsor, 'User'),
    system: one(agent, spec.system, 'System'),
    model: one(agent, spec.model, 'Model'),
    tools: many(agent, spec.tools, 'Tool'),
    knowledge: many(agent, spec.knowledge, 'Resource'),
    handoffs: many(agent, spec.handoffs, 'Agent'),
    skills: many(agent, spec.skills, 'AiResource'),
  };
}

/**
 * Reads the refs of a tool, in full form.
 *
 * @public
 */
export function toolRefsOf(tool: ToolEntity): {
  owner: string;
  system?: string;
  providedBy: string;
} {
  return {
    owner: one(tool, tool.spec.owner, 'Group')!,
    system: one(tool, tool.spec.system, 'System'),
    providedBy: one(tool, tool.spec.providedBy, 'API')!,
  };
}

/**
 * Reads the refs of a model or route, in full form. Candidates and fallbacks
 * that are gateway ids become the refs of their Model entities.
 *
 * @public
 */
export function modelRefsOf(model: ModelEntity): {
  owner: string;
  system?: string;
  candidates: string[];
  fallbacks: string[];
} {
  return {
    owner: one(model, model.spec.owner, 'Group')!,
    system: one(model, model.spec.system, 'System'),
    candidates: many(
      model,
      model.spec.candidates?.map(candidate =>
        typeof candidate === 'string' ? candidate : candidate.model,
      ),
      'Model',
    ),
    fallbacks: many(model, model.spec.fallbacks, 'Model'),
  };
}
