import {
  type Entity,
  getCompoundEntityRef,
  parseEntityRef,
} from '@backstage/catalog-model';
import type { LocationSpec } from '@backstage/plugin-catalog-common';
import {
  type CatalogProcessor,
  type CatalogProcessorEmit,
  processingResult,
} from '@backstage/plugin-catalog-node';

/** What is special about a kind. */
export interface KindRules<T extends Entity> {
  isKind(entity: Entity): entity is T;
  /** Throws an InputError that lists everything wrong with the entity. */
  validate(entity: Entity): boolean;
  /** What an entity points to, with the relation there and the one back. */
  relations(
    entity: T,
  ): Array<[refs: string | string[] | undefined, there: string, back: string]>;
  /** Makes ready what was read; throws an InputError to refuse it. */
  prepare?(
    entity: T,
    location: LocationSpec,
    emit: CatalogProcessorEmit,
  ): Promise<Entity>;
}

/**
 * Validates entities of one kind and relates them to all that they name. The
 * relations go in both directions, because in the builtin flow of the catalog
 * nobody else adds the reverse one for kinds that it does not know.
 */
export function kindProcessor<T extends Entity>(
  kind: string,
  rules: KindRules<T>,
): CatalogProcessor {
  return {
    getProcessorName: () => `${kind}EntityProcessor`,
    // Before the placeholders of the catalog, which cannot read local files.
    getPriority: () => 10,
    preProcessEntity: async (entity, location, emit) =>
      rules.prepare && rules.isKind(entity)
        ? rules.prepare(entity, location, emit)
        : entity,
    validateEntityKind: async entity => rules.validate(entity),
    async postProcessEntity(entity, _location, emit) {
      if (rules.isKind(entity)) {
        const source = getCompoundEntityRef(entity);
        for (const [refs = [], there, back] of rules.relations(entity)) {
          for (const target of new Set([refs].flat())) {
            const other = parseEntityRef(target);
            emit(
              processingResult.relation({ source, type: there, target: other }),
            );
            emit(
              processingResult.relation({
                source: other,
                type: back,
                target: source,
              }),
            );
          }
        }
      }
      return entity;
    },
  };
}
