import {
  type ChatRequest,
  createWorkerModels,
  type EmbeddingsRequest,
  type WorkerAnswer,
  type WorkerTask,
} from '@agentportal/extractive-model';
import {
  BuiltInProvider,
  GatewayError,
  type Price,
} from '@agentportal/model-gateway';
import {
  createWorkerPool,
  WorkerLimitError,
  WorkerOverloadedError,
} from '@agentportal/plugin-agents-node';

/** Two, so that a text that takes long does not stop everybody else's. */
const PROCESSES = 2;
/** Ordinary requests take milliseconds. */
const CPU_MS = 5_000;
const MAX_WAIT_MS = 30_000;
const HEAP_MB = 256;
const MAX_WAITING = 200;

const FREE: Price = {
  input: { nanoUsdPerMillion: 0 },
  output: { nanoUsdPerMillion: 0 },
  version: 'built-in',
};

/** What the built-in models cost: nothing, and the ledger says so. */
export const builtInPrices: ReadonlyMap<string, Price> = new Map([
  ['builtin/extractive', FREE],
  ['builtin/hashed-ngrams', FREE],
]);

/**
 * The models that come with the portal and need no key. They run in processes of
 * their own that may work for so long, so that no text keeps the rest of the portal waiting.
 */
export function createBuiltInProvider(
  limits: { cpuMs?: number } = {},
): BuiltInProvider {
  const pool = createWorkerPool<WorkerTask, WorkerAnswer>({
    name: 'The built-in model',
    filename: require.resolve('@agentportal/extractive-model/worker'),
    maxProcesses: PROCESSES,
    cpuMs: limits.cpuMs ?? CPU_MS,
    // Whoever asks waits no longer than for a process and its work together.
    wallMs: MAX_WAIT_MS,
    maxHeapMb: HEAP_MB,
    maxQueue: MAX_WAITING,
  });
  const models = createWorkerModels(async (task, { signal }) => {
    const limit = AbortSignal.timeout(MAX_WAIT_MS);
    try {
      return await pool.run(task, {
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
    } catch (error) {
      throw signal?.aborted ? error : asGatewayError(error, limit.aborted);
    }
  });
  return new BuiltInProvider(
    [
      {
        // The models parse their requests themselves and say what is wrong.
        model: {
          complete: (request, call) =>
            models.complete(request as unknown as ChatRequest, call),
          stream: (request, call) =>
            models.stream(request as unknown as ChatRequest, call),
        },
        listed: {
          modelId: 'extractive',
          title: 'Built-in extractive model',
          description:
            'No neural network: picks tools by the words of the request, fills their arguments from the conversation, and answers from what they return.',
          type: 'chat',
          capabilities: ['tools', 'streaming', 'structured-output'],
        },
      },
      {
        model: {
          embed: (request, call) =>
            models.embed(request as unknown as EmbeddingsRequest, call),
        },
        listed: {
          modelId: 'hashed-ngrams',
          title: 'Built-in hashed n-grams',
          description:
            'No neural network: embeds texts by the words and letters that they share, in 384 dimensions.',
          type: 'embedding',
        },
      },
    ],
    () => pool.close(),
  );
}

/**
 * A request that takes too long is the caller's to shorten. It says nothing about the
 * model, which must not be left alone because of it.
 */
function asGatewayError(error: unknown, waitedTooLong: boolean): unknown {
  if (waitedTooLong || error instanceof WorkerOverloadedError) {
    return new GatewayError(
      503,
      'gateway_unavailable',
      error instanceof WorkerOverloadedError
        ? error.message
        : `The built-in model is too busy: it came to no answer within ${
            MAX_WAIT_MS / 1000
          } seconds. Try again in a minute.`,
      { retryAfter: '5', cause: error },
    );
  }
  return error instanceof WorkerLimitError
    ? new GatewayError(
        422,
        'provider_refused_request',
        `This request is too much for the built-in model. ${error.message} Send less text, or fewer tools.`,
        { cause: error },
      )
    : error;
}
