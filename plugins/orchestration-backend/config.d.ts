export interface Config {
  orchestration?: {
    /**
     * How many runs one backend process works on at the same time; the others
     * wait. Default 8.
     */
    workers?: number;

    /** Model of agents that name none. Default `model:default/balanced`. */
    defaultModel?: string;

    /** Limits of agents that set no quotas of their own. */
    defaultQuotas?: {
      /** Default 200,000. */
      maxTokens?: number;
      /** In US dollars. Default 1. */
      maxCostUsd?: number;
      /** Default 300. */
      maxDurationSeconds?: number;
      /** Default 25. */
      maxToolCalls?: number;
      /** Default 50. */
      maxSteps?: number;
    };

    /**
     * At which identical call of a tool (same name, same arguments) a run is
     * stopped. Default 3.
     */
    loopThreshold?: number;

    /** How deep agents may hand work to each other. Default 2. */
    maxHandoffDepth?: number;

    /** How long one tool call may take, in seconds. Default 60. */
    toolTimeoutSeconds?: number;

    /** How much of a conversation the model is given again. */
    conversation?: {
      /** Turns (question and answer). Default 20. */
      maxTurns?: number;
      /** Tokens, roughly. Default 8,000. */
      maxTokens?: number;
    };

    /**
     * How long a run of a process that died is still taken for alive, in
     * seconds. Default 30.
     */
    leaseSeconds?: number;

    /**
     * How long running runs may finish when the backend shuts down, in seconds.
     * Default 5.
     */
    shutdownGraceSeconds?: number;
  };
}
