import type { CatalogProcessor } from '@backstage/plugin-catalog-node';
import { readBeside } from './readBeside';

const TYPE = 'evaluation-data-set';

/**
 * Reads `cases: { $yaml: ./file.yaml }` of a data set in a local file, as text: whoever judges
 * by them reads them elsewhere, where a huge file holds up nobody.
 */
export const localCases: CatalogProcessor = {
  getProcessorName: () => 'EvaluationDataSetProcessor',
  // Before the placeholders of the catalog, which cannot read local files.
  getPriority: () => 10,
  async preProcessEntity(entity, location, emit) {
    if (entity.kind !== 'Resource' || entity.spec?.type !== TYPE) {
      return entity;
    }
    const cases = await readBeside(
      entity.spec.cases,
      { field: 'spec.cases', key: '$yaml', what: 'the data set' },
      location,
      emit,
    );
    return cases === undefined
      ? entity
      : { ...entity, spec: { ...entity.spec, cases } };
  },
};
