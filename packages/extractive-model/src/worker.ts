import { createHashedEmbeddings, type EmbeddingsRequest } from './embeddings';
import { createExtractiveModel } from './model';
import { InvalidRequestError, type ChatRequest } from './wire/request';
import type { WorkerAnswer, WorkerTask } from './workerModels';

/**
 * What a worker thread runs: one task in, its answer out. A request that cannot be read is an answer too, because
 * an error loses its class on the way between threads.
 */
export default async function runTask(task: WorkerTask): Promise<WorkerAnswer> {
  const { now } = task;
  try {
    const result =
      task.kind === 'embed'
        ? createHashedEmbeddings().create(task.request as EmbeddingsRequest)
        : await createExtractiveModel(
            now === undefined ? {} : { now: () => new Date(now) },
          ).complete(task.request as ChatRequest);
    return { result };
  } catch (error) {
    if (error instanceof InvalidRequestError)
      return { invalidRequest: error.message };
    throw error;
  }
}
