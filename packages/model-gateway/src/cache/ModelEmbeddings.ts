import type { ModelDirectory } from '../directory/ModelDirectory';
import { ownFault } from '../errors';
import type {
  Account,
  CallLedger,
  Clock,
  DataClassification,
  GatewayLogger,
} from '../ports';
import type { PriceBook } from '../prices/PriceBook';
import type { UnpricedModels } from '../prices/UnpricedModels';
import type { JsonObject } from '../providers/ModelProvider';
import type { Attempt } from '../stages/Attempt';
import { DEFAULT_OUTPUT_CAP } from '../stages/hold';
import type { LateSettlements } from '../stages/LateSettlements';
import { openAttempt } from '../stages/openAttempt';
import { toUnitLength } from './similarity';
import type { EmbeddingCall, EmbeddingSource } from './store';

/** A question is not worth a long wait: then the model is asked. */
const TIMEOUT_MS = 2_000;
const DEFAULT_THRESHOLD = 0.95;

/**
 * Embeddings of one of the gateway's own models, booked on the account of the
 * call that they are for, with holds on its budgets.
 */
export class ModelEmbeddings implements EmbeddingSource {
  readonly kind: string;
  readonly threshold: number;
  readonly #options: ModelEmbeddingsOptions;

  constructor(options: ModelEmbeddingsOptions) {
    this.kind = options.model;
    this.threshold = options.threshold ?? DEFAULT_THRESHOLD;
    this.#options = options;
  }

  async embed(
    question: string,
    call: EmbeddingCall,
  ): Promise<Float32Array | undefined> {
    const { directory, logger, mayEmbed } = this.#options;
    const model = directory.model(this.kind);
    const provider = model && directory.provider(model.provider);
    if (
      !model ||
      model.unavailable ||
      !provider?.embed ||
      !(mayEmbed?.({ provider: model.provider, ...call }) ?? true)
    ) {
      return undefined;
    }
    const body: JsonObject = {
      model: model.id,
      input: question,
      encoding_format: 'float',
    };
    const text = JSON.stringify(body);
    let attempt: Attempt | undefined;
    try {
      const { ledger, clock, priceBook, late, unpriced } = this.#options;
      ({ attempt } = await openAttempt({
        ledger,
        clock,
        logger,
        late,
        unpriced,
        model,
        operation: 'embeddings',
        outputCap: DEFAULT_OUTPUT_CAP,
        mostMs: TIMEOUT_MS,
        request: {
          model: model.id,
          stream: false,
          includeUsage: false,
          body,
          text,
        },
        price: priceBook.priceOf({
          id: model.id,
          modelId: model.modelId,
          publisher: provider.publisher,
        }),
        start: {
          id: `${call.callId}-0`,
          callId: call.callId,
          attempt: 0,
          createdAt: clock.now(),
          provider: model.provider,
          model: model.id,
          account: call.account,
          reason: 'Embedded the question, to compare it to those before.',
        },
      }));
      const whole = await provider.embed({
        modelId: model.modelId,
        body,
        text,
        attemptId: attempt.id,
        signal: AbortSignal.any([call.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      attempt.note(whole);
      await attempt.succeed();
      return readVector(JSON.parse(whole.body));
    } catch (error) {
      await attempt?.fail(error);
      const { code, message } = ownFault(error);
      logger.warn('A question could not be embedded for the answer cache', {
        model: this.kind,
        code,
        reason: message,
      });
      return undefined;
    }
  }
}

function readVector(json: unknown): Float32Array | undefined {
  const { data } = json as { data?: Array<{ embedding?: unknown }> };
  const embedding = data?.[0]?.embedding;
  return Array.isArray(embedding) &&
    embedding.every(value => typeof value === 'number')
    ? toUnitLength(Float32Array.from(embedding))
    : undefined;
}

/** What embeddings of a model are made with. */
export interface ModelEmbeddingsOptions {
  /** Gateway id. */
  model: string;
  threshold?: number;
  directory: ModelDirectory;
  priceBook: PriceBook;
  ledger: CallLedger;
  clock: Clock;
  logger: GatewayLogger;
  late: LateSettlements;
  unpriced: UnpricedModels;
  /** Whether the data may be sent there. */
  mayEmbed?: (request: {
    provider: string;
    account: Account;
    dataClassification?: DataClassification;
  }) => boolean;
}
