import {
  type CompoundEntityRef,
  type Entity,
  getCompoundEntityRef,
  parseEntityRef,
} from '@backstage/catalog-model';
import {
  type CatalogProcessorEmit,
  processingResult,
} from '@backstage/plugin-catalog-node';

/**
 * Emits relations in both directions, because in the builtin flow of the
 * catalog nobody else adds the reverse one for kinds that it does not know.
 */
export function relationEmitter(entity: Entity, emit: CatalogProcessorEmit) {
  const self = getCompoundEntityRef(entity);

  const one = (
    source: CompoundEntityRef,
    type: string,
    target: CompoundEntityRef,
  ) => emit(processingResult.relation({ source, type, target }));

  return (
    targets: string | string[] | undefined,
    forward: string,
    reverse: string,
  ) => {
    for (const ref of [targets ?? []].flat()) {
      const target = parseEntityRef(ref);
      one(self, forward, target);
      one(target, reverse, self);
    }
  };
}
