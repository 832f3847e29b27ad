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
  agentRefsOf,
  isAgentEntity,
  RELATION_DELEGATED_FROM,
  RELATION_DELEGATES_TO,
  RELATION_SPONSOR_OF,
  RELATION_SPONSORED_BY,
  validateAgentEntity,
} from '@agentportal/plugin-agents-common';
import type {
  CatalogProcessor,
  CatalogProcessorEmit,
} from '@backstage/plugin-catalog-node';
import type { LocationSpec } from '@backstage/plugin-catalog-common';
import { withLocalInstructions } from './localInstructions';
import { relationEmitter } from './relations';

/**
 * Validates Agents and relates them to all that they name.
 *
 * @public
 */
export class AgentEntityProcessor implements CatalogProcessor {
  getProcessorName(): string {
    return 'AgentEntityProcessor';
  }

  /** Before the placeholders of the catalog, which cannot read local files. */
  getPriority(): number {
    return 10;
  }

  /**
   * Reads local instructions, and gives an agent without a title its name as
   * title: the catalog leaves entities that lack the sort field out of sorted
   * lists.
   */
  async preProcessEntity(
    entity: Entity,
    location: LocationSpec,
    emit: CatalogProcessorEmit,
  ): Promise<Entity> {
    if (!isAgentEntity(entity)) {
      return entity;
    }
    const { metadata } = entity;
    return withLocalInstructions(
      {
        ...entity,
        metadata: { ...metadata, title: metadata.title ?? metadata.name },
      },
      location,
      emit,
    );
  }

  async validateEntityKind(entity: Entity): Promise<boolean> {
    return validateAgentEntity(entity);
  }

  async postProcessEntity(
    entity: Entity,
    _location: LocationSpec,
    emit: CatalogProcessorEmit,
  ): Promise<Entity> {
    if (!isAgentEntity(entity)) {
      return entity;
    }
    const relate = relationEmitter(entity, emit);
    const refs = agentRefsOf(entity);
    relate(refs.owner, RELATION_OWNED_BY, RELATION_OWNER_OF);
    relate(refs.sponsor, RELATION_SPONSORED_BY, RELATION_SPONSOR_OF);
    relate(refs.system, RELATION_PART_OF, RELATION_HAS_PART);
    for (const needed of [
      refs.model,
      refs.tools,
      refs.knowledge,
      refs.skills,
    ]) {
      relate(needed, RELATION_DEPENDS_ON, RELATION_DEPENDENCY_OF);
    }
    relate(refs.handoffs, RELATION_DELEGATES_TO, RELATION_DELEGATED_FROM);
    return entity;
  }
}
