import {
  type Entity,
  RELATION_DEPENDENCY_OF,
  RELATION_DEPENDS_ON,
  RELATION_HAS_PART,
  RELATION_OWNED_BY,
  RELATION_OWNER_OF,
  RELATION_PART_OF,
} from '@backstage/catalog-model';
import {
  isModelEntity,
  modelRefsOf,
  validateModelEntity,
} from '@agentportal/plugin-agents-common';
import type {
  CatalogProcessor,
  CatalogProcessorEmit,
} from '@backstage/plugin-catalog-node';
import type { LocationSpec } from '@backstage/plugin-catalog-common';
import { relationEmitter } from './relations';

/**
 * Validates Models and routes, and relates routes to the models that they lead to.
 *
 * @public
 */
export class ModelEntityProcessor implements CatalogProcessor {
  getProcessorName(): string {
    return 'ModelEntityProcessor';
  }

  async validateEntityKind(entity: Entity): Promise<boolean> {
    return validateModelEntity(entity);
  }

  async postProcessEntity(
    entity: Entity,
    _location: LocationSpec,
    emit: CatalogProcessorEmit,
  ): Promise<Entity> {
    if (!isModelEntity(entity)) {
      return entity;
    }
    const relate = relationEmitter(entity, emit);
    const refs = modelRefsOf(entity);
    relate(refs.owner, RELATION_OWNED_BY, RELATION_OWNER_OF);
    relate(refs.system, RELATION_PART_OF, RELATION_HAS_PART);
    relate(
      [...new Set([...refs.candidates, ...refs.fallbacks])],
      RELATION_DEPENDS_ON,
      RELATION_DEPENDENCY_OF,
    );
    return entity;
  }
}
