import type { Bill } from '../stages/Attempt';
import type { Operation } from '../stages/route';
import { inputTokens, outputTokens } from '../usage/tokenUsage';
import type { Clock, GatewayLogger } from '../ports';
import { bucketOf } from './bucket';
import { digestOf } from './digest';
import { isPersonal, isTimeDependent } from './guards/readMeaning';
import { partitionOf } from './partition';
import { type BypassReason, normalise, readQuestion } from './readQuestion';
import type { AskedCall, Recalled } from './recalled';
import { similarity } from './similarity';
import type {
  CacheCandidate,
  CacheKey,
  CacheStore,
  EmbeddingCall,
  EmbeddingSource,
} from './store';
import { type TextAnswer, TextListener } from './textAnswer';
import { type CacheWish, wishOf } from './wish';

const HEADER = 'x-agent-portal-cache';
const DEFAULT_TTL_SECONDS = 3_600;
const MAX_TTL_SECONDS = 30 * 24 * 3_600;

/**
 * Answers questions that were asked before. Who asks, of which models and in
 * which context must be equal, by digest; only the last question may be worded
 * otherwise, and only where that is asked for. Access has been decided before.
 */
export class AnswerCache {
  readonly #options: AnswerCacheSetup;

  constructor(options: AnswerCacheSetup) {
    this.#options = options;
  }

  /** Nothing for a call that does not ask for it, at once. */
  recall(call: AskedCall, operation: Operation): Promise<Recalled> | undefined {
    const wish =
      operation === 'chat' ? wishOf(call.caller, call.headers) : undefined;
    return wish && this.#recall(call, wish);
  }

  async #recall(call: AskedCall, wish: CacheWish): Promise<Recalled> {
    const asked = this.#ask(call, wish);
    if ('bypass' in asked) {
      return { headers: { [HEADER]: `bypass; reason=${asked.bypass}` } };
    }
    try {
      const now = this.#options.clock.now();
      const { candidates, mark } = await this.#options.store.find(
        asked.key,
        now,
      );
      const allowed = new Set(call.target.models.map(({ id }) => id));
      const usable = candidates.filter(
        candidate =>
          allowed.has(candidate.model) &&
          candidate.createdAt + asked.ttlMs > now,
      );
      const found = await this.#choose(usable, asked);
      const answer = found && (await this.#options.store.answer(found.id));
      if (found && answer) {
        this.#options.store
          .used(found.id, now)
          .catch(error => this.#complain('count a use of an answer', error));
        return this.#toHit(found, answer, now);
      }
      return this.#toMiss(asked, mark);
    } catch (error) {
      // Memory is a convenience: without it the model is asked.
      this.#complain('look for an answer', error);
      return { headers: { [HEADER]: 'miss' } };
    }
  }

  #ask(call: AskedCall, wish: CacheWish): Asked | { bypass: BypassReason } {
    const { caller, request, target } = call;
    const { secret } = this.#options;
    if (caller.settings?.dataClassification === 'restricted') {
      return { bypass: 'restricted-data' };
    }
    const question = readQuestion(request);
    if ('bypass' in question) {
      return question;
    }
    const partition = partitionOf({
      secret,
      tenant: this.#options.tenant,
      version: this.#options.version,
      caller,
      shared: wish.shared,
      target,
      model: request.model,
      context: question.context,
    });
    if (!partition) {
      return { bypass: 'no-identity' };
    }
    const text = normalise(question.text);
    if (isTimeDependent(text)) {
      return { bypass: 'time-dependent' };
    }
    if (wish.shared && isPersonal(text)) {
      return { bypass: 'personal' };
    }
    const embeddings =
      wish.mode === 'semantic' ? this.#options.embeddings : undefined;
    return {
      call,
      text,
      ttlMs:
        Math.min(
          wish.ttlSeconds ?? this.#options.ttlSeconds ?? DEFAULT_TTL_SECONDS,
          MAX_TTL_SECONDS,
        ) * 1000,
      embeddings,
      key: {
        partition,
        question: digestOf(secret, [partition, 'question', text]),
        bucket: embeddings && bucketOf(secret, partition, text, embeddings),
      },
    };
  }

  async #choose(
    candidates: CacheCandidate[],
    asked: Asked,
  ): Promise<Found | undefined> {
    const exact = candidates.find(candidate => candidate.exact);
    if (exact) {
      return exact;
    }
    const near = candidates.filter(({ embedding }) => embedding);
    if (near.length === 0 || !asked.embeddings) {
      return undefined;
    }
    asked.embedding = await asked.embeddings.embed(
      asked.text,
      toEmbeddingCall(asked.call),
    );
    if (!asked.embedding) {
      return undefined;
    }
    let best: Found | undefined;
    for (const candidate of near) {
      const close = similarity(asked.embedding, candidate.embedding!);
      if (close >= (best?.similarity ?? asked.embeddings.threshold)) {
        best = { ...candidate, similarity: close, by: asked.embeddings.kind };
      }
    }
    return best;
  }

  #toHit(found: Found, answer: TextAnswer, now: number): Recalled {
    const age = Math.max(0, Math.floor((now - found.createdAt) / 1000));
    const close = found.similarity?.toFixed(2);
    const by = found.by === 'lexical' ? 'by its words (lexical)' : found.by;
    return {
      headers: {
        age: String(age),
        [HEADER]: found.exact
          ? 'exact'
          : `semantic; similarity=${close}; embedding=${found.by}`,
      },
      hit: {
        model: found.model,
        answer,
        costNanoUsd: found.costNanoUsd,
        reason: found.exact
          ? `Answered from memory: ${found.model} answered the same question ${age} s ago.`
          : `Answered from memory: ${found.model} answered a question like it ${age} s ago; similarity ${close}, compared ${by}.`,
        brief: found.exact
          ? `Answered from memory: ${found.model} had answered the same question.`
          : `Answered from memory: ${found.model} had answered a question like it, compared ${by}.`,
      },
    };
  }

  #toMiss(asked: Asked, mark: number): Recalled {
    const listener = new TextListener();
    return {
      headers: { [HEADER]: 'miss' },
      listener,
      keep: (model, bill) => {
        const { answer } = listener;
        if (answer) {
          this.#put(asked, { model, bill, answer }, mark).catch(error =>
            this.#complain('remember an answer', error),
          );
        }
      },
    };
  }

  async #put(
    asked: Asked,
    served: { model: string; bill: Bill; answer: TextAnswer },
    mark: number,
  ): Promise<void> {
    const { call, embeddings, key, ttlMs } = asked;
    const { account } = call.caller;
    const { usage, costNanoUsd } = served.bill;
    const createdAt = this.#options.clock.now();
    const embedding = key.bucket
      ? asked.embedding ??
        (await embeddings?.embed(asked.text, {
          ...toEmbeddingCall(call),
          // The call is over, so it cannot be broken off any more.
          signal: AbortSignal.timeout(10_000),
        }))
      : undefined;
    await this.#options.store.put(
      {
        ...key,
        bucket: embedding && key.bucket,
        embedding,
        model: served.model,
        answer: served.answer,
        costNanoUsd,
        inputTokens: inputTokens(usage),
        outputTokens: outputTokens(usage),
        createdAt,
        expiresAt: createdAt + ttlMs,
        madeFor: {
          agentRef: account.agentRef,
          keyId: account.keyId,
          userRef: account.userRef,
        },
      },
      mark,
    );
  }

  #complain(what: string, error: unknown): void {
    this.#options.logger.warn(`Cannot ${what} in the answer cache`, {
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}

function toEmbeddingCall({ callId, caller, signal }: AskedCall): EmbeddingCall {
  return {
    callId,
    signal,
    account: caller.account,
    dataClassification: caller.settings?.dataClassification,
  };
}

/** A question with its digests. */
interface Asked {
  call: AskedCall;
  text: string;
  ttlMs: number;
  key: CacheKey;
  embeddings?: EmbeddingSource;
  /** Once it was made. */
  embedding?: Float32Array;
}

type Found = CacheCandidate & { similarity?: number; by?: string };

/** What a cache is made of. */
export interface AnswerCacheSetup {
  store: CacheStore;
  embeddings: EmbeddingSource;
  /** Key of all digests. */
  secret: string;
  /** Nothing is shared between tenants. */
  tenant: string;
  version?: string;
  ttlSeconds?: number;
  clock: Clock;
  logger: GatewayLogger;
}
