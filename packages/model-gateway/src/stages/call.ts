import type { GatewayModel } from '../directory/model';
import { GatewayError, type GatewayErrorCode, ownFault } from '../errors';
import type {
  AnswerChunk,
  ModelProvider,
  ProviderRequest,
  WholeAnswer,
} from '../providers/ModelProvider';
import type { Attempt } from './Attempt';
import type { ModelRequest } from './readRequest';
import { explainChoice, type Operation, type Plan } from './route';

/** An answer that has begun, and the attempt that it belongs to. */
export interface Served {
  model: GatewayModel;
  reason: string;
  attempt: Attempt;
  answer:
    | { kind: 'whole'; whole: WholeAnswer }
    | { kind: 'stream'; chunks: AsyncIterable<AnswerChunk> };
}

/**
 * Failures after which the next candidate is tried. What the caller must mend
 * would fail everywhere, and a second model must not be paid for it.
 */
const WORTH_ANOTHER: ReadonlySet<GatewayErrorCode> = new Set([
  'provider_unreachable',
  'provider_timeout',
  'provider_rate_limited',
  'provider_quota_exhausted',
  'provider_credentials_rejected',
  'provider_error',
  'provider_bad_answer',
  'provider_stream_cut',
]);

/** An attempt that is written down, and what it must be kept to. */
export interface OpenedAttempt {
  attempt: Attempt;
  /** The provider must be told to answer with no more tokens. */
  outputCap?: number;
  /** What a caller should know of it, as a sentence. */
  note?: string;
}

/** Tries the candidates until one answers; nothing has reached the caller yet. */
export async function callCandidates(options: {
  plan: Plan;
  operation: Operation;
  request: ModelRequest;
  signal: AbortSignal;
  providerOf: (id: string) => ModelProvider | undefined;
  openAttempt: (model: GatewayModel, number: number) => Promise<OpenedAttempt>;
}): Promise<Served> {
  const { plan, signal } = options;
  let failure: GatewayError | undefined;
  for (const [index, model] of plan.candidates.entries()) {
    const provider = options.providerOf(model.provider);
    if (!provider) {
      failure = new GatewayError(
        503,
        'model_unavailable',
        model.unavailable ?? `No provider ${model.provider} is configured.`,
      );
      continue;
    }
    let opened: OpenedAttempt;
    try {
      opened = await options.openAttempt(model, index + 1);
    } catch (error) {
      failure = ownFault(error);
      if (failure.code !== 'budget_exceeded') {
        throw failure;
      }
      // A cheaper candidate may still fit.
      plan.notes.push(`${model.id} was not called: ${failure.message}`);
      continue;
    }
    const { attempt } = opened;
    try {
      const answer = await begin(provider, opened, options, model);
      if (opened.note) {
        plan.notes.push(opened.note);
      }
      return { model, reason: explainChoice(plan, model), attempt, answer };
    } catch (error) {
      failure = ownFault(signal.aborted ? signal.reason : error);
      await attempt.fail(failure);
      if (signal.aborted || !WORTH_ANOTHER.has(failure.code)) {
        break;
      }
      plan.notes.push(`${model.id} was tried first: ${failure.message}`);
    }
  }
  throw failure ?? ownFault(new Error('A plan without candidates'));
}

async function begin(
  provider: ModelProvider,
  { attempt, outputCap }: OpenedAttempt,
  options: { operation: Operation; request: ModelRequest; signal: AbortSignal },
  model: GatewayModel,
): Promise<Served['answer']> {
  const { operation, request, signal } = options;
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
    return { kind: 'stream', chunks: await withFirst(chunks) };
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
  attempt.note(whole);
  return { kind: 'whole', whole };
}

/**
 * Waits for the first chunk, because a provider that fails before it can still
 * be replaced by the next candidate.
 */
async function withFirst(
  chunks: AsyncIterable<AnswerChunk>,
): Promise<AsyncIterable<AnswerChunk>> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  async function* replay() {
    try {
      for (let next = first; !next.done; next = await iterator.next()) {
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return replay();
}
