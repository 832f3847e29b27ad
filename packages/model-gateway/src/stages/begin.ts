import type { GatewayModel } from '../directory/model';
import { GatewayError, ownFault } from '../errors';
import type { PassedOn } from '../passthrough/PassedOn';
import type {
  AnswerChunk,
  ModelProvider,
  ProviderRequest,
  WholeAnswer,
} from '../providers/ModelProvider';
import type { Permit } from '../routing/health/Permit';
import type { Attempt } from './Attempt';
import type { OpenedAttempt } from './openAttempt';
import type { Followed } from './ReadingOn';
import type { ModelRequest } from './readRequest';
import type { Operation } from './route';
import { readServed } from '../usage/served';
import { NO_USAGE } from '../usage/units';

/** An answer that has come, or has begun to come. */
export type Answer =
  | { kind: 'whole'; whole: WholeAnswer }
  | { kind: 'stream'; chunks: AsyncIterable<AnswerChunk> }
  | { kind: 'bytes'; contentType: string; pieces: AsyncIterable<Buffer> };

/** Asks a provider and waits until it has begun to answer. */
export async function begin(
  provider: ModelProvider,
  model: GatewayModel,
  opened: OpenedAttempt,
  call: {
    operation: Operation;
    request: ModelRequest;
    /** Of the caller. */
    signal: AbortSignal;
    /** Of the request to the provider. */
    upstream: Followed;
    permit: Permit;
  },
): Promise<Answer> {
  const { operation, permit, request, signal, upstream } = call;
  const { attempt, maxOutputTokens, outputCap } = opened;
  const providerRequest: ProviderRequest = {
    modelId: model.modelId,
    body: request.body,
    text: request.text,
    native: request.native,
    maxOutputTokens,
    outputCap,
    attemptId: attempt.id,
    signal: upstream.signal,
  };
  if (operation === 'chat' && request.stream) {
    const chunks = await provider.stream(providerRequest);
    return {
      kind: 'stream',
      chunks: await withFirst(chunks, { attempt, permit, signal, upstream }),
    };
  }
  if (request.passed) {
    return passOn(provider, providerRequest, request.passed, opened, call);
  }
  if (operation === 'embeddings' && !provider.embed) {
    throw lacks(provider, operation);
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
  attempt.ended();
  upstream.ended();
  return { kind: 'whole', whole };
}

function lacks(provider: ModelProvider, operation: Operation): GatewayError {
  return new GatewayError(
    400,
    'operation_not_supported',
    `The provider ${provider.id} has no ${operation}.`,
  );
}

/**
 * Asks for what is not looked into. An answer in bytes has begun when its first
 * piece is there, because until then the next candidate may take over.
 */
async function passOn(
  provider: ModelProvider,
  request: ProviderRequest,
  passed: PassedOn,
  { attempt, isPricedByUnit }: OpenedAttempt,
  call: Parameters<typeof begin>[3],
): Promise<Answer> {
  const { permit, upstream } = call;
  if (!provider.passOn) {
    throw lacks(provider, call.operation);
  }
  const answer = await provider.passOn(request, passed);
  const told = answer.kind === 'json' ? passed.readUsage(answer.json) : {};
  const units =
    told.units ?? (passed.isCounted ? passed.likely[passed.unit!] : undefined);
  // What the price does not go by is no answer to what the call has cost.
  const isTold = isPricedByUnit
    ? units !== undefined
    : told.tokens !== undefined;
  const usage = isTold
    ? {
        ...(told.tokens ?? NO_USAGE),
        ...(passed.unit && units !== undefined && { [passed.unit]: units }),
      }
    : undefined;
  if (answer.kind === 'json') {
    permit.answered('whole');
    const whole = { body: answer.text, usage, textBytes: 0 };
    attempt.note({ json: answer.json, ...readServed(answer.json), ...whole });
    attempt.ended();
    upstream.ended();
    return { kind: 'whole', whole };
  }
  const pieces = answer.pieces[Symbol.asyncIterator]();
  const first = await pieces.next();
  permit.answered('whole');
  attempt.note({ usage, textBytes: 0 });
  if (usage) {
    // The request says what it costs, however much of the answer is read.
    attempt.ended();
  }
  async function* replay() {
    try {
      for (let next = first; !next.done; next = await pieces.next()) {
        if (call.signal.aborted) {
          throw call.signal.reason;
        }
        yield next.value;
      }
      attempt.ended();
    } catch (error) {
      if (!call.signal.aborted) {
        permit.failed(ownFault(error));
      }
      throw error;
    } finally {
      upstream.ended();
      await pieces.return?.();
    }
  }
  return { kind: 'bytes', contentType: answer.contentType, pieces: replay() };
}

/** Reads what nobody wants any more, for what it cost. */
export async function readToEnd(answer: Answer): Promise<void> {
  if (answer.kind === 'bytes') {
    for await (const _ of answer.pieces) {
      // It sees at its first piece that nobody reads, and closes itself.
    }
  }
  if (answer.kind === 'stream') {
    for await (const _ of answer.chunks) {
      // It is noted on its way.
    }
  }
}

/**
 * Waits for the first chunk, because a provider that fails before it can still
 * be replaced by the next candidate. What comes after it is only watched. When
 * nobody reads any more, it is read here for what it cost.
 */
async function withFirst(
  chunks: AsyncIterable<AnswerChunk>,
  call: {
    attempt: Attempt;
    permit: Permit;
    signal: AbortSignal;
    upstream: Followed;
  },
): Promise<AsyncIterable<AnswerChunk>> {
  const { attempt, permit, signal, upstream } = call;
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  permit.answered('stream');
  async function* replay() {
    let usage: AnswerChunk['usage'];
    let open = !first.done;
    let whole = !open;
    const noted = (chunk: AnswerChunk) => {
      usage = chunk.usage ?? usage;
      attempt.note(chunk);
      return chunk;
    };
    const more = async () => {
      try {
        const next = await iterator.next();
        whole = next.done === true;
        open = !whole;
        return next;
      } catch (error) {
        open = false;
        throw error;
      }
    };
    try {
      try {
        for (let next = first; !next.done; next = await more()) {
          const chunk = noted(next.value);
          if (signal.aborted) {
            break;
          }
          yield chunk;
        }
      } finally {
        while (open && signal.aborted) {
          const next = await more();
          if (!next.done) {
            noted(next.value);
          }
        }
        if (whole) {
          attempt.ended();
        }
      }
      if (usage) {
        permit.used(usage);
      }
      if (signal.aborted) {
        throw signal.reason;
      }
    } catch (error) {
      if (!signal.aborted) {
        permit.failed(ownFault(error));
      }
      throw error;
    } finally {
      upstream.ended();
      await iterator.return?.();
    }
  }
  return replay();
}
