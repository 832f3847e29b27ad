import { embed, type EmbeddingsRequest } from './embeddings';
import { createExtractiveModel } from './model';
import { InvalidRequestError, type ChatRequest } from './wire/request';
import type { WorkerAnswer, WorkerTask } from './workerModels';

/**
 * What a worker thread runs: one task in, its answer out. A request that cannot be read is an answer too, because
 * an error loses its class on the way between threads.
 */
export default async function runTask(task: WorkerTask): Promise<WorkerAnswer> {
  try {
    const result =
      task.kind === 'embed'
        ? embed(task.request as EmbeddingsRequest)
        : await createExtractiveModel().complete(task.request as ChatRequest);
    return { result };
  } catch (error) {
    if (error instanceof InvalidRequestError)
      return { invalidRequest: error.message };
    throw error;
  }
}
