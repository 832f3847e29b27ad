import type { Entity } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import Ajv2020 from 'ajv/dist/2020';
import { type AgentEntity, isAgentEntity } from '../kinds/AgentEntity';
import { isModelEntity, type ModelEntity } from '../kinds/ModelEntity';
import { isToolEntity, type ToolEntity } from '../kinds/ToolEntity';
import { REF_FIELDS, type RefField } from '../refs/specRefs';
import { agentSchema } from '../schemas/agentSchema';
import type { KindSchema } from '../schemas/fields';
import { modelSchema } from '../schemas/modelSchema';
import { toolSchema } from '../schemas/toolSchema';
import { fieldMessage } from './fieldMessages';
import { wrongRefs } from './refKinds';
import { triggerProblems } from './triggerProblems';
import { misspeltFields } from './unknownFields';

/**
 * Whether an entity is of a kind; throws an InputError that lists everything
 * wrong with it, one plain sentence each, when it is of the kind but invalid.
 *
 * @public
 */
export type KindValidator<T extends Entity> = (entity: Entity) => entity is T;

/**
 * Checks an Agent.
 *
 * @public
 */
export const validateAgentEntity: KindValidator<AgentEntity> = kindValidator(
  agentSchema,
  REF_FIELDS.Agent,
  isAgentEntity,
  ({ spec }) => triggerProblems(spec),
);

/**
 * Checks a Tool.
 *
 * @public
 */
export const validateToolEntity: KindValidator<ToolEntity> = kindValidator(
  toolSchema,
  REF_FIELDS.Tool,
  isToolEntity,
);

/**
 * Checks a Model or a route.
 *
 * @public
 */
export const validateModelEntity: KindValidator<ModelEntity> = kindValidator(
  modelSchema,
  REF_FIELDS.Model,
  isModelEntity,
);

function kindValidator<T extends Entity>(
  schema: KindSchema,
  refFields: readonly RefField[],
  isKind: (entity: Entity) => entity is T,
  /** What is wrong with an entity that the schema lets through. */
  furtherProblems: (entity: T) => string[] = () => [],
): KindValidator<T> {
  // Compiled on first use: the front end imports this package for its types.
  let check: ReturnType<Ajv2020['compile']> | undefined;
  const specSchema = (schema.properties as JsonObject).spec as JsonObject;

  return (entity: Entity): entity is T => {
    if (!isKind(entity)) {
      return false;
    }
    check ??= new Ajv2020({
      allErrors: true,
      verbose: true,
      strict: false,
      discriminator: true,
    }).compile(schema);

    const misspelt = misspeltFields(entity.spec, specSchema, 'spec');
    const problems = [...misspelt];
    if (!check(entity)) {
      for (const error of check.errors ?? []) {
        const message = fieldMessage(error);
        // "spec.owner is missing" adds nothing to "did you mean spec.owner?".
        const known = misspelt.some(
          m => message === `${m.slice(m.lastIndexOf(' ') + 1, -1)} is missing`,
        );
        if (message && !known) {
          problems.push(message);
        }
      }
    } else {
      problems.push(...furtherProblems(entity));
    }
    problems.push(...wrongRefs(entity, refFields));
    if (problems.length) {
      throw new InputError([...new Set(problems)].join('; '));
    }
    return true;
  };
}
