export interface Config {
  models?: {
    /**
     * Providers of models. Further ones are found by the usual environment
     * variables (OPENAI_API_KEY, ANTHROPIC_API_KEY, …) unless an entry here has
     * the same id.
     */
    providers?: Array<{
      /**
       * First part of the gateway ids of its models, such as `openai`.
       * @visibility backend
       */
      id: string;
      /**
       * Wire format: `openai` for everything compatible, `anthropic`, or `gemini`
       * for Google's own (chat only; its compatible endpoint has embeddings too).
       * @visibility backend
       */
      type: 'openai' | 'anthropic' | 'gemini';
      /**
       * With the version for `openai` and `gemini` (`https://api.openai.com/v1`), without it
       * for `anthropic`. Default is the public address of the type.
       * @visibility backend
       */
      baseUrl?: string;
      /** @visibility secret */
      apiKey?: string;
      /**
       * `bearer`, or `api-key` as Azure OpenAI wants it.
       * @visibility backend
       */
      keyHeader?: 'bearer' | 'api-key';
      /**
       * Headers that are sent with every request.
       */
      headers?: {
        /** @visibility secret */
        [name: string]: string;
      };
      /**
       * Ids of models that are served although the provider does not list them:
       * fine-tuned models, deployments.
       * @visibility backend
       */
      models?: string[];
      /**
       * The provider's name in the published price list. Default is found by
       * the base URL.
       * @visibility backend
       */
      priceList?: string;
      /**
       * Whether an `openai` provider has the Responses API too. Such requests then
       * pass through; without it they are translated to chat completions. Default
       * is true for api.openai.com only.
       * @visibility backend
       */
      responses?: boolean;
    }>;
    /**
     * Prices that go before the published ones, in integer nano-USD (1e-9 USD)
     * per million tokens.
     */
    prices?: Array<{
      /**
       * Gateway id of the model.
       * @visibility backend
       */
      model: string;
      /** @visibility backend */
      inputNanoUsdPerMillionTokens: number;
      /** @visibility backend */
      outputNanoUsdPerMillionTokens: number;
      /** @visibility backend */
      cacheReadNanoUsdPerMillionTokens?: number;
      /** @visibility backend */
      cacheWriteNanoUsdPerMillionTokens?: number;
    }>;
    /**
     * Whether to look for an Ollama on 127.0.0.1:11434. Default is true.
     * @visibility backend
     */
    detectOllama?: boolean;
    /**
     * Budgets that stand in configuration. They cannot be changed over the API.
     */
    budgets?: Array<{
      scope: {
        /** @visibility backend */
        type:
          | 'organisation'
          | 'domain'
          | 'system'
          | 'owner'
          | 'agent'
          | 'user'
          | 'run'
          | 'model';
        /**
         * Entity ref, run id or gateway id; the organisation needs none.
         * @visibility backend
         */
        ref?: string;
      };
      /**
       * How often it begins anew, in UTC.
       * @visibility backend
       */
      window: 'hour' | 'day' | 'month' | 'total';
      /**
       * The limit in dollars, or else in integer nano-USD as `limitNanoUsd`.
       * @visibility backend
       */
      limitUsd?: number | string;
      /** @visibility backend */
      limitNanoUsd?: number;
      /**
       * Parts of the limit whose crossing is announced. Default is 0.5, 0.8 and 1.
       * @visibility backend
       */
      softThresholds?: number[];
    }>;
    /**
     * How long a call waits for room in a budget that only calls under way hold,
     * in seconds. Default is 1.
     * @visibility backend
     */
    budgetWaitSeconds?: number;
    limits?: {
      /**
       * Largest answer in tokens where a budget applies and neither the caller
       * nor the model names one. Default is 4096.
       * @visibility backend
       */
      maxOutputTokens?: number;
      /**
       * Largest request in bytes. Default is 20 MiB.
       * @visibility backend
       */
      maxRequestBytes?: number;
      /**
       * Longest call in seconds. Default is 600.
       * @visibility backend
       */
      maxCallSeconds?: number;
      /**
       * Longest wait for the first byte of an answer in seconds. Default is 120.
       * @visibility backend
       */
      maxFirstByteSeconds?: number;
    };
  };
}
