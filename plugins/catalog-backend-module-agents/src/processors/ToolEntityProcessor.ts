import {
  type Entity,
  RELATION_HAS_PART,
  RELATION_OWNED_BY,
  RELATION_OWNER_OF,
  RELATION_PART_OF,
} from '@backstage/catalog-model';
import {
  isToolEntity,
  RELATION_PROVIDED_BY,
  RELATION_PROVIDES_TOOL,
  toolRefsOf,
  validateToolEntity,
} from '@agentportal/plugin-agents-common';
import type {
  CatalogProcessor,
  CatalogProcessorEmit,
} from '@backstage/plugin-catalog-node';
import type { LocationSpec } from '@backstage/plugin-catalog-common';
import { relationEmitter } from './relations';

/**
 * Validates Tools and relates them to their owner, system and API.
 *
 * @public
 */
export class ToolEntityProcessor implements CatalogProcessor {
  getProcessorName(): string {
    return 'ToolEntityProcessor';
  }

  async validateEntityKind(entity: Entity): Promise<boolean> {
    return validateToolEntity(entity);
  }

  async postProcessEntity(
    entity: Entity,
    _location: LocationSpec,
    emit: CatalogProcessorEmit,
  ): Promise<Entity> {
    if (!isToolEntity(entity)) {
      return entity;
    }
    const relate = relationEmitter(entity, emit);
    const refs = toolRefsOf(entity);
    relate(refs.owner, RELATION_OWNED_BY, RELATION_OWNER_OF);
    relate(refs.system, RELATION_PART_OF, RELATION_HAS_PART);
    relate(refs.providedBy, RELATION_PROVIDED_BY, RELATION_PROVIDES_TOOL);
    return entity;
  }
}
