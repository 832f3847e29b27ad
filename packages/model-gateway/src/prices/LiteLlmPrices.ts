import { z } from 'zod/v4';
import type { Price } from './price';
import type { ModelKey } from './PriceBook';
import { versioned } from './priceDigest';
import type { ListedFacts, PriceList } from './PriceBook';
import { type LiteLlmEntry, readLiteLlmPrice } from './liteLlmRates';

const count = z.number().int().positive().optional().catch(undefined);

/** Only what is used, so that an odd member elsewhere does not cost a price. */
const entrySchema = z.looseObject({
  litellm_provider: z.string().optional(),
  mode: z.string().optional(),
  max_input_tokens: count,
  max_output_tokens: count,
  max_tokens: count,
});

const listSchema = z.record(z.string().max(300), z.unknown());

/** An entry of the list that documents the others. */
const SAMPLE = 'sample_spec';

/** LiteLLM's names of providers whom the gateway knows by another. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  google: ['gemini'],
  'x-ai': ['xai'],
  together: ['together_ai'],
  fireworks: ['fireworks_ai'],
  moonshotai: ['moonshot'],
  qwen: ['dashscope'],
  claude: ['anthropic'],
};

const CAPABILITIES: Readonly<Record<string, string>> = {
  supports_function_calling: 'tools',
  supports_vision: 'vision',
  supports_audio_input: 'audio',
  supports_pdf_input: 'files',
  supports_response_schema: 'structured-output',
  supports_reasoning: 'reasoning',
};

/**
 * Prices in the form of LiteLLM's `model_prices_and_context_window.json`, which
 * many tools exchange.
 *
 * @public
 */
export class LiteLlmPrices implements PriceList {
  readonly #entries: ReadonlyMap<string, Entry>;
  /** Entries that could not be read. */
  readonly skipped: number;
  /** Entries that are not priced by tokens. */
  readonly withoutTokens: number;

  private constructor(
    entries: ReadonlyMap<string, Entry>,
    skipped: number,
    withoutTokens: number,
  ) {
    this.#entries = entries;
    this.skipped = skipped;
    this.withoutTokens = withoutTokens;
  }

  /**
   * Reads a list, entry by entry: a bad one is left out and counted.
   *
   * @throws Error when it is no list, or not one entry of it can be read
   */
  static parse(text: string): LiteLlmPrices {
    const list = listSchema.parse(JSON.parse(text));
    const entries = new Map<string, Entry>();
    let skipped = 0;
    let withoutTokens = 0;
    for (const [name, value] of Object.entries(list)) {
      if (name === SAMPLE) {
        continue;
      }
      try {
        const entry = readEntry(value);
        if (entry) {
          entries.set(name.toLowerCase(), entry);
        } else {
          withoutTokens += 1;
        }
      } catch {
        skipped += 1;
      }
    }
    if (entries.size === 0) {
      throw new Error(
        'it has no entry with a price for tokens; it must be in the form of model_prices_and_context_window.json',
      );
    }
    return new LiteLlmPrices(entries, skipped, withoutTokens);
  }

  /** Models with a price. */
  get size(): number {
    return this.#entries.size;
  }

  priceOf(model: ModelKey): Price | undefined {
    return this.#find(model)?.price;
  }

  about(model: ModelKey): ListedFacts | undefined {
    return this.#find(model);
  }

  /**
   * The list has most models under `provider/model`, and those of the large
   * providers under their plain ids.
   */
  #find({ id, modelId, publisher }: ModelKey): Entry | undefined {
    const direct = this.#entries.get(id.toLowerCase());
    if (direct) {
      return direct;
    }
    const plainId = modelId.toLowerCase();
    const provider = id.slice(0, Math.max(0, id.length - modelId.length - 1));
    const names = [publisher, provider].flatMap(name =>
      name ? [name, ...(ALIASES[name] ?? [])] : [],
    );
    for (const name of names) {
      const found = this.#entries.get(`${name}/${plainId}`);
      if (found) {
        return found;
      }
    }
    const plain = this.#entries.get(plainId);
    return plain && names.includes(plain.provider ?? '') ? plain : undefined;
  }
}

interface Entry extends ListedFacts {
  price: Price;
  /** LiteLLM's name of the provider. */
  provider?: string;
}

function readEntry(value: unknown): Entry | undefined {
  const entry = entrySchema.parse(value);
  const price = readLiteLlmPrice(entry);
  return (
    price && {
      price: versioned('litellm', price),
      provider: entry.litellm_provider,
      contextWindow: entry.max_input_tokens,
      maxOutputTokens: entry.max_output_tokens ?? entry.max_tokens,
      capabilities: capabilitiesOf(entry),
    }
  );
}

function capabilitiesOf(entry: LiteLlmEntry): string[] {
  return Object.entries(CAPABILITIES)
    .filter(([key]) => entry[key] === true)
    .map(([, capability]) => capability);
}
