import {
  createWorkerPool,
  type WorkerPool,
} from '@agentportal/plugin-agents-node';
import type { LifecycleService } from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import type { LocationSpec } from '@backstage/plugin-catalog-common';
import {
  type CatalogProcessorParser,
  parseEntityYaml,
  processingResult,
} from '@backstage/plugin-catalog-node';

/** What is read where everybody is served; a process is not worth its while. */
const MAX_BYTES_HERE = 16_000;

/** A file of entities. */
export interface EntityDataTask {
  text: string;
  location: LocationSpec;
}

/** One document of it, or why it is none. */
export type ReadDocument = { entity: Entity } | { problem: string };

/**
 * Reads files of entities as the catalog does by itself, and the large ones in a process of
 * their own: anybody may register a file, and half a megabyte of YAML takes seconds.
 */
export function entityData(
  lifecycle: LifecycleService,
): CatalogProcessorParser {
  const pool: WorkerPool<EntityDataTask, ReadDocument[]> = createWorkerPool({
    name: 'The reading of a file of entities',
    filename: require.resolve(
      '@agentportal/plugin-catalog-backend-module-agents/worker',
    ),
    maxProcesses: 1,
    // Lists of all people of a company are megabytes.
    cpuMs: 60_000,
    maxHeapMb: 1_024,
    maxQueue: 100,
  });
  lifecycle.addShutdownHook(() => pool.close());
  return async function* parse({ data, location }) {
    if (data.length <= MAX_BYTES_HERE) {
      yield* parseEntityYaml(data, location);
      return;
    }
    // What takes too long, or waits behind too much, is an error of its location.
    const documents = await pool.run(
      { text: data.toString('utf8'), location },
      { parties: [{ ref: location.target, max: 2 }] },
    );
    for (const document of documents) {
      yield 'entity' in document
        ? processingResult.entity(location, document.entity)
        : processingResult.generalError(location, document.problem);
    }
  };
}
