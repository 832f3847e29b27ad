import type { EmbeddingsRequest, EmbeddingsResponse } from './embeddings';
import type { ExtractiveModel } from './model';
import { chunksOf } from './wire/chunks';
import type { ChatCompletion } from './wire/completion';
import { InvalidRequestError } from './wire/request';

/**
 * What the entry `@agentportal/extractive-model/worker` takes.
 *
 * @public
 */
export interface WorkerTask {
  kind: 'complete' | 'embed';
  /** A chat completions request for `complete`, an embeddings request for `embed`. */
  request: unknown;
}

/**
 * What the entry `@agentportal/extractive-model/worker` gives back.
 *
 * @public
 */
export type WorkerAnswer =
  | { result: ChatCompletion | EmbeddingsResponse }
  | { invalidRequest: string };

/**
 * The models as they look from outside their worker threads.
 *
 * @public
 */
export interface WorkerModels extends ExtractiveModel {
  embed(
    request: EmbeddingsRequest,
    options?: { signal?: AbortSignal },
  ): Promise<EmbeddingsResponse>;
}

/**
 * The models behind a pool of worker threads that runs `@agentportal/extractive-model/worker`. Streams are cut from
 * the whole completion. Throws {@link InvalidRequestError} for requests that cannot be read, and whatever the pool
 * rejects with when a task is late.
 *
 * @public
 */
export function createWorkerModels(
  run: (
    task: WorkerTask,
    options: { signal?: AbortSignal },
  ) => Promise<WorkerAnswer>,
): WorkerModels {
  const ask = async <T>(
    kind: WorkerTask['kind'],
    request: unknown,
    options: { signal?: AbortSignal },
  ) => {
    const answer = await run({ kind, request }, options);
    if ('invalidRequest' in answer)
      throw new InvalidRequestError(answer.invalidRequest);
    return answer.result as T;
  };
  return {
    complete: (request, options = {}) =>
      ask<ChatCompletion>('complete', request, options),
    embed: (request, options = {}) =>
      ask<EmbeddingsResponse>('embed', request, options),
    async *stream(request, options = {}) {
      const completion = await ask<ChatCompletion>(
        'complete',
        request,
        options,
      );
      for (const chunk of chunksOf(
        completion,
        request.stream_options?.include_usage ?? false,
      )) {
        options.signal?.throwIfAborted();
        yield chunk;
      }
    },
  };
}
