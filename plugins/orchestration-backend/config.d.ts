import type { HumanDuration } from '@backstage/types';

export interface Config {
  orchestration?: {
    /**
     * How many runs one backend process works on at the same time; the others
     * wait. With those of a process that has gone it goes on at once, up to
     * twice as many. Default 8.
     */
    workers?: number;

    /**
     * How many runs may wait for a free worker in one backend process; beyond
     * it a start is answered with 429 and a time to try again.
     */
    waiting?: {
      /** Of one person or service. Default 20. */
      perPerson?: number;
      /** Of one agent. Default 100. */
      perAgent?: number;
      /** Of all agents of one owner. Default 200. */
      perOwner?: number;
      /** Of all. Default 1,000. */
      total?: number;
    };

    /**
     * How many runs are worked on at the same time in all processes together; the
     * others wait. Runs that wait for people are not counted. Default: no bound
     * but that of `workers`.
     */
    parallel?: {
      /** Of one agent. */
      perAgent?: number;
      /** Of all agents of one owner. */
      perOwner?: number;
    };

    /**
     * How long a run may wait for people to approve its calls, in all, as `7d`, `P7D` or
     * `{ days: 7 }`; then it ends. Default 7 days, at most 29.
     */
    maxWaitForPeople?: string | HumanDuration;

    /**
     * Who may start runs in the name of a person. Such a run has the rights of
     * the service, so nobody may unless listed here.
     */
    onBehalfOf?: {
      /**
       * Subjects such as `external:ticket-bridge`. The evals plugin need not be
       * listed for rehearsals, which begin only if the person may start them.
       */
      allowedServices?: string[];
    };

    /**
     * How long things are kept after a run has ended, as `90d`, `P90D` or
     * `{ days: 90 }`.
     */
    retention?: {
      /** What live pages follow. Default 30 days. */
      events?: HumanDuration | string;
      /** Steps, and the messages that models were sent. Default 90 days. */
      steps?: HumanDuration | string;
      /** Questions, answers and costs; with them conversations. Default 365 days. */
      runs?: HumanDuration | string;
      /** Daily figures of agents. Default 400 days. */
      stats?: HumanDuration | string;
      /**
       * Of how many runs of one agent, the newest ones, things are kept at most, whatever their
       * age; its rehearsals are counted apart.
       */
      perAgent?: {
        /** Default 20,000, or `runs` if that is less. */
        events?: number;
        /** Default 50,000, or `runs` if that is less. */
        steps?: number;
        /** Default 200,000. */
        runs?: number;
      };
    };

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

    /**
     * After how many rounds of tool calls in a row that bring nothing new a run is
     * stopped, whatever their arguments are. A round is what a model asks for at
     * once. New is what a tool has not answered in this run before; a call that
     * does something always is. Default 8.
     */
    stallThreshold?: number;

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

    triggers?: {
      /**
       * Topics of Backstage's events by which agents may be triggered. What is
       * published there is told to the agents, so none is open unless listed.
       */
      eventTopics?: string[];
    };

    checkpoints?: {
      /**
       * Keys with which the states of runs under way, and the secrets of webhooks,
       * are sealed in the database.
       * The first one seals, all open, so a key is replaced by putting a new one
       * before it. Without keys they lie there like questions and answers do.
       */
      keys?: Array<{
        id: string;
        /**
         * At least 32 characters, such as of `openssl rand -base64 32`.
         * @visibility secret
         */
        secret: string;
      }>;
    };

    /** Agents of other people's, and other people's clients, by A2A. */
    a2a?: {
      /**
       * Whether everybody may read the cards of agents in production, without signing in.
       * Default false.
       */
      publicCards?: boolean;

      /**
       * Whether agents of the framework `a2a` may be at public addresses that are not
       * listed in `peers`. Default true.
       */
      publicPeers?: boolean;

      /**
       * Origins at which agents of the framework `a2a` are, whatever their entities say,
       * private addresses included, and what is sent there.
       */
      peers?: Array<{
        /** Such as `https://agents.example.com` or `http://127.0.0.1:7120`. */
        origin: string;
        /** Entity refs of the agents that are there. Nothing is sent for any other. */
        agents: string[];
        /**
         * Headers for that origin, such as `authorization`.
         * @deepVisibility secret
         */
        headers?: { [name: string]: string };
      }>;

      /**
       * Hosts, such as `hooks.internal:8443` or `*.example.com`, to which push notifications
       * go although their addresses are private or without TLS.
       */
      pushHosts?: string[];

      /** How long a peer may say nothing, in seconds. Default 60. */
      idleTimeoutSeconds?: number;
    };

    /**
     * How long a run of a process that died is still taken for alive, in
     * seconds; after it another process goes on with the run. Default 6.
     */
    leaseSeconds?: number;

    /**
     * How long running runs may finish when the backend shuts down, in seconds.
     * Default 5.
     */
    shutdownGraceSeconds?: number;
  };
}
