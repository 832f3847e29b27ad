import type { Entity } from '@backstage/catalog-model';
import type { LocationSpec } from '@backstage/plugin-catalog-common';
import type { CatalogProcessorEmit } from '@backstage/plugin-catalog-node';
import { readBeside } from './readBeside';

/** Reads `instructions: { $text: ./file.md }` of an agent in a local file. */
export async function withLocalInstructions(
  entity: Entity,
  location: LocationSpec,
  emit: CatalogProcessorEmit,
): Promise<Entity> {
  const instructions = await readBeside(
    entity.spec?.instructions,
    { field: 'spec.instructions', key: '$text', what: 'the agent' },
    location,
    emit,
  );
  return instructions === undefined
    ? entity
    : { ...entity, spec: { ...entity.spec, instructions } };
}
