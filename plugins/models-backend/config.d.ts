import type { HumanDuration } from '@backstage/types';

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
       * In place of `apiKey`, one or several: each has one of `apiKey`, `entra`,
       * `google` and `aws`. A request goes out with one that has room, by their
       * weights; one that the provider refuses is left alone for a while.
       */
      credentials?: Array<{
        /** @visibility secret */
        apiKey?: string;
        /** An application of Microsoft Entra, for Azure OpenAI. */
        entra?: {
          /** @visibility backend */
          tenantId: string;
          /** @visibility backend */
          clientId: string;
          /** @visibility secret */
          clientSecret: string;
          /**
           * Default is `https://cognitiveservices.azure.com/.default`.
           * @visibility backend
           */
          scope?: string;
          /**
           * Default is `https://login.microsoftonline.com`.
           * @visibility backend
           */
          authority?: string;
        };
        /** A service account of Google, for Vertex AI: members of its key file. */
        google?: {
          /** @visibility backend */
          clientEmail: string;
          /** @visibility secret */
          privateKey: string;
          /**
           * Default is `https://oauth2.googleapis.com/token`.
           * @visibility backend
           */
          tokenUri?: string;
        };
        /** An access key of AWS, for Bedrock; requests are signed (SigV4). */
        aws?: {
          /** @visibility backend */
          accessKeyId: string;
          /** @visibility secret */
          secretAccessKey: string;
          /**
           * Of temporary keys.
           * @visibility secret
           */
          sessionToken?: string;
          /** @visibility backend */
          region: string;
          /**
           * Default is `bedrock`.
           * @visibility backend
           */
          service?: string;
        };
        /**
         * Its share beside the others. Default is 1.
         * @visibility backend
         */
        weight?: number;
        /**
         * Of each process.
         * @visibility backend
         */
        requestsPerMinute?: number;
      }>;
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
      /**
       * Its models cost nothing where no price is told, as on machines that are paid
       * for anyway. Default is false, and true for an Ollama that was found.
       * @visibility backend
       */
      free?: boolean;
      /**
       * Where it keeps data, as a word of your own such as `eu`, `us` or `local`,
       * for the data policy. Default is `local` for addresses of this machine.
       * @visibility backend
       */
      region?: string;
    }>;
    /**
     * Where data may be sent by its classification. One without an entry falls
     * under the entry of the next freer one. Without entries all is allowed.
     */
    dataPolicy?: Array<{
      /** @visibility backend */
      classification: 'public' | 'internal' | 'confidential' | 'restricted';
      /**
       * Regions of providers.
       * @visibility backend
       */
      regions: string[];
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
      /**
       * This and the next are needed unless it has the price of a unit.
       * @visibility backend
       */
      inputNanoUsdPerMillionTokens?: number;
      /** @visibility backend */
      outputNanoUsdPerMillionTokens?: number;
      /** @visibility backend */
      cacheReadNanoUsdPerMillionTokens?: number;
      /**
       * Written to the provider's cache for its usual time.
       * @visibility backend
       */
      cacheWriteNanoUsdPerMillionTokens?: number;
      /**
       * Written to the provider's cache for an hour.
       * @visibility backend
       */
      cacheWrite1hNanoUsdPerMillionTokens?: number;
      /** @visibility backend */
      cacheReadAudioNanoUsdPerMillionTokens?: number;
      /** @visibility backend */
      cacheReadImageNanoUsdPerMillionTokens?: number;
      /** @visibility backend */
      inputAudioNanoUsdPerMillionTokens?: number;
      /** @visibility backend */
      inputImageNanoUsdPerMillionTokens?: number;
      /** @visibility backend */
      reasoningNanoUsdPerMillionTokens?: number;
      /** @visibility backend */
      outputAudioNanoUsdPerMillionTokens?: number;
      /** @visibility backend */
      outputImageNanoUsdPerMillionTokens?: number;
      /**
       * Rates, by the names above, for the whole of a call whose input is larger.
       */
      longContext?: Array<{
        /** @visibility backend */
        aboveInputTokens: number;
        /** @visibility backend */
        [rate: string]: number;
      }>;
      /**
       * What a service tier changes, by `flex`, `priority`, `batch`, `scale` or
       * `fast`:
       * rates by the names above, and for all others a percentage of the standard
       * rate. The tier that the provider says it served in decides.
       */
      serviceTiers?: {
        [tier: string]: {
          /** @visibility backend */
          percentOfStandard?: number;
          /** @visibility backend */
          [rate: string]: number | undefined;
        };
      };
      /**
       * For each call, in integer nano-USD.
       * @visibility backend
       */
      requestNanoUsd?: number;
      /**
       * For each search that the provider makes, in integer nano-USD.
       * @visibility backend
       */
      webSearchNanoUsd?: number;
      /**
       * For each character that is spoken, in integer nano-USD.
       * @visibility backend
       */
      characterNanoUsd?: number;
      /**
       * For each picture that is made, in integer nano-USD.
       * @visibility backend
       */
      imageNanoUsd?: number;
      /**
       * For each minute of a recording that is written down, in integer nano-USD.
       * @visibility backend
       */
      audioMinuteNanoUsd?: number;
      /**
       * For each question with up to a hundred documents that are ranked, in
       * integer nano-USD.
       * @visibility backend
       */
      searchUnitNanoUsd?: number;
      /**
       * For each hour that a call takes, in integer nano-USD: what an hour of the
       * machine costs, by the number of calls that it serves at once.
       * @visibility backend
       */
      gpuHourNanoUsd?: number;
      /**
       * Date or date-time from which the price holds. A model may have several
       * entries; of those that hold the last one counts.
       * @visibility backend
       */
      validFrom?: string;
      /**
       * Date or date-time from which the price does not hold any more.
       * @visibility backend
       */
      validTo?: string;
    }>;
    /**
     * Price lists to import. They go before the published list and after prices
     * in `prices` and in Model entities; the first list that knows a model counts.
     */
    priceLists?: Array<{
      /**
       * `litellm` for the form of model_prices_and_context_window.json.
       * @visibility backend
       */
      type: 'litellm';
      /**
       * A file, read again when it changes.
       * @visibility backend
       */
      path?: string;
      /**
       * Or an address. The last good copy is kept in the database.
       * @visibility secret
       */
      url?: string;
      /**
       * How often the address is asked, in hours. Default is 24.
       * @visibility backend
       */
      refreshHours?: number;
    }>;
    /**
     * Calls to models whose price nobody told are refused where a budget applies,
     * because it could not limit them. With `allow` they count as free. Default is
     * `refuse`.
     * @visibility backend
     */
    unpriced?: 'allow' | 'refuse';
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
          | 'model'
          | 'key';
        /**
         * Entity ref, run id, gateway id of a model or id of a key; the
         * organisation needs none. Without one it is for each user, key, agent
         * or owner.
         * @visibility backend
         */
        ref?: string;
      };
      /**
       * How often it begins anew, in UTC; weeks begin on Mondays.
       * @visibility backend
       */
      window: 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'total';
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
     * Who pays for the calls of services, such as pipelines with a token of
     * `backend.auth.externalAccess`. Others are on no team's budget.
     */
    serviceAccounts?: Array<{
      /**
       * Subject of its token, such as `external:nightly-build` or `plugin:search`.
       * @visibility backend
       */
      subject: string;
      /**
       * Ref of the group or user.
       * @visibility backend
       */
      owner: string;
    }>;
    /**
     * Servers that are told by POST, signed as Standard Webhooks are, when a budget
     * has passed a threshold. What is not answered with 2xx comes again.
     */
    budgetWebhooks?: Array<{
      /**
       * By which it is remembered what it was told; at most 11 characters.
       * @visibility backend
       */
      id: string;
      /** @visibility secret */
      url: string;
      /**
       * With which its messages are signed: at least 24 bytes in base64, with or
       * without `whsec_` in front.
       * @visibility secret
       */
      secret: string;
    }>;
    /**
     * How long a call waits for room in a budget that only calls under way hold,
     * in seconds. Default is 1.
     * @visibility backend
     */
    budgetWaitSeconds?: number;
    /** How long things are kept, as `400d`, `P400D` or `{ days: 400 }`. */
    retention?: {
      /**
       * Rows of calls. What they cost stays in the sums of their day and in
       * their budgets. Default 400 days.
       */
      calls?: HumanDuration | string;
      /**
       * What calls came to on each day, and in each window of a budget.
       * Default 1,830 days.
       */
      costs?: HumanDuration | string;
    };
    /**
     * How fast scopes may call models, whoever calls. They cannot be changed over
     * the API.
     */
    rateLimits?: Array<{
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
          | 'model'
          | 'key';
        /**
         * Entity ref, run id, gateway id of a model or id of a key; the
         * organisation needs none. Without one it is for each user, key, agent
         * or owner.
         * @visibility backend
         */
        ref?: string;
      };
      /** @visibility backend */
      requestsPerMinute?: number;
      /**
       * Input and output together.
       * @visibility backend
       */
      tokensPerMinute?: number;
      /**
       * How many calls may be under way at once.
       * @visibility backend
       */
      parallel?: number;
    }>;
    /**
     * How long keys of programs live.
     */
    keys?: {
      /**
       * Days until a key expires unless its maker says otherwise. Default is 90.
       * @visibility backend
       */
      defaultDays?: number;
      /**
       * The most days that a key may be made for. Default is 365.
       * @visibility backend
       */
      maxDays?: number;
      /**
       * Whether a key may be made that never expires. Default is false.
       * @visibility backend
       */
      allowNeverExpiring?: boolean;
    };
    /**
     * Answers from memory, for the agents and callers that ask for them.
     */
    cache?: {
      /**
       * Switches them off for all when it is false. Default is true.
       * @visibility backend
       */
      enabled?: boolean;
      /**
       * Encrypts what is stored and keys its digests; 16 characters or more, the
       * same for all processes. Default is the first of `backend.auth.keys`;
       * without either answers are stored as plain text.
       * @visibility secret
       */
      secret?: string;
      /**
       * Nothing is shared between tenants. Default is `default`.
       * @visibility backend
       */
      tenant?: string;
      /**
       * To be changed with guardrails and whatever else answers rest on: what was
       * remembered before is not found any more.
       * @visibility backend
       */
      version?: string;
      /**
       * How long an answer is remembered where neither the agent nor the caller
       * says it. Default is 3600.
       * @visibility backend
       */
      ttlSeconds?: number;
      /**
       * Of all callers together. Default is 100000.
       * @visibility backend
       */
      maxEntries?: number;
      /**
       * Of one caller in one context. Default is 1000.
       * @visibility backend
       */
      maxEntriesPerPartition?: number;
      /**
       * Memory for what was used lately, in bytes. Default is 64 MiB.
       * @visibility backend
       */
      memoryBytes?: number;
      /**
       * Gateway id of an embedding model, such as `openai/text-embedding-3-small`,
       * to compare questions by. Its calls are booked on the account of the call
       * that they are for. Without one questions are compared by their words.
       * @visibility backend
       */
      embeddingModel?: string;
      /**
       * The least similarity of two questions with one answer, from 0 to 1.
       */
      thresholds?: {
        /**
         * Without an embedding model. Default is 0.4, because there the words
         * must be the same anyway.
         * @visibility backend
         */
        lexical?: number;
        /**
         * With an embedding model. Default is 0.95.
         * @visibility backend
         */
        model?: number;
      };
    };
    limits?: {
      /**
       * Largest answer in tokens where the caller names none and a budget has no
       * room for the longest that the model can give. Default is 4096.
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
      /**
       * Calls under way at once in one process; more are turned away with 503 and
       * the code `gateway_overloaded`. Default is 1000.
       * @visibility backend
       */
      maxCalls?: number;
      /**
       * Bytes of requests under way at once in one process, so that large ones
       * cannot fill its memory. Default is 256 MiB.
       * @visibility backend
       */
      maxTotalRequestBytes?: number;
      /**
       * How long the answer of a provider is read on, once its caller has gone away,
       * for what it cost. Default is 2; with 0 it is broken off at once.
       * @visibility backend
       */
      readOnSeconds?: number;
      /**
       * How long calls under way may take to end after SIGTERM. Default is 30.
       * @visibility backend
       */
      drainSeconds?: number;
    };
  };
}
