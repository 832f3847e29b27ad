/**
 * Entry of the processes that read large files of entities, see `entityData`.
 *
 * @packageDocumentation
 */
import { parseEntityYaml } from '@backstage/plugin-catalog-node';
import type { EntityDataTask, ReadDocument } from './processors/entityData';

/** Reads the documents of a file. */
export default function readDocuments({
  text,
  location,
}: EntityDataTask): ReadDocument[] {
  return [...parseEntityYaml(text, location)].flatMap(
    (result): ReadDocument[] => {
      switch (result.type) {
        case 'entity':
          return [{ entity: result.entity }];
        case 'error':
          return [{ problem: result.error.message }];
        default:
          return [];
      }
    },
  );
}
