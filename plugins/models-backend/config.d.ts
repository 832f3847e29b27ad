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
       * Wire format: `openai` for everything compatible, or `anthropic`.
       * @visibility backend
       */
      type: 'openai' | 'anthropic';
      /**
       * With the version for `openai` (`https://api.openai.com/v1`), without it
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
    limits?: {
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
