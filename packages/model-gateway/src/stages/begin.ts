import type { GatewayModel } from '../directory/model';
import { GatewayError, ownFault } from '../errors';
import type {
  AnswerChunk,
  ModelProvider,
  ProviderRequest,
  WholeAnswer,
} from '../providers/ModelProvider';
import type { Permit } from '../routing/health/Permit';
import type { OpenedAttempt } from './openAttempt';
import type { ModelRequest } from './readRequest';
import type { Operation } from './route';

/** An answer that has come, or has begun to come. */
export type Answer =
  | { kind: 'whole'; whole: WholeAnswer }
  | { kind: 'stream'; chunks: AsyncIterable<AnswerChunk> };

/** Asks a provider and waits until it has begun to answer. */
export async function begin(
  provider: ModelProvider,
  model: GatewayModel,
  { attempt, outputCap }: OpenedAttempt,
  call: {
    operation: Operation;
    request: ModelRequest;
    signal: AbortSignal;
    permit: Permit;
  },
): Promise<Answer> {
  const { operation, permit, request, signal } = call;
  const providerRequest: ProviderRequest = {
    modelId: model.modelId,
    body: request.body,
    text: request.text,
    native: request.native,
    maxOutputTokens: model.maxOutputTokens,
    outputCap,
    attemptId: attempt.id,
    signal,
  };
  if (operation === 'chat' && request.stream) {
    const chunks = await provider.stream(providerRequest);
    return { kind: 'stream', chunks: await withFirst(chunks, signal, permit) };
  }
  if (operation === 'embeddings' && !provider.embed) {
    throw new GatewayError(
      400,
      'operation_not_supported',
      `The provider ${provider.id} has no embeddings.`,
    );
  }
  const whole =
    operation === 'chat'
      ? await provider.complete(providerRequest)
      : await provider.embed!(providerRequest);
  permit.answered('whole');
  if (whole.usage) {
    permit.used(whole.usage);
  }
  attempt.note(whole);
  return { kind: 'whole', whole };
}

/**
 * Waits for the first chunk, because a provider that fails before it can still
 * be replaced by the next candidate. What comes after it is only watched.
 */
async function withFirst(
  chunks: AsyncIterable<AnswerChunk>,
  signal: AbortSignal,
  permit: Permit,
): Promise<AsyncIterable<AnswerChunk>> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  permit.answered('stream');
  async function* replay() {
    let usage: AnswerChunk['usage'];
    try {
      for (let next = first; !next.done; next = await iterator.next()) {
        usage = next.value.usage ?? usage;
        yield next.value;
      }
      if (usage) {
        permit.used(usage);
      }
    } catch (error) {
      if (!signal.aborted) {
        permit.failed(ownFault(error));
      }
      throw error;
    } finally {
      await iterator.return?.();
    }
  }
  return replay();
}
