import { HumanDuration } from '@backstage/types';

export interface Config {
  tools?: {
    /**
     * How often every MCP server is asked for its tools. 30 seconds by default.
     */
    refreshInterval?: string | HumanDuration;

    /**
     * Hosts that the gateway may call whatever their addresses are, for servers of
     * trusted catalog locations: `tools.example.com`, `*.example.com`,
     * `127.0.0.1:7110`. Others it calls only when every address that their name
     * resolves to is public: never loopback, private, link-local or cloud metadata
     * addresses. Behind a proxy (`NODE_USE_ENV_PROXY=1`) names are not looked up.
     */
    allowedHosts?: string[];

    /**
     * False lets the gateway call only `allowedHosts` and the addresses of
     * `servers`. True by default.
     */
    publicHosts?: boolean;

    /**
     * Backstage actions that agents may call beside those that read the catalog,
     * such as `catalog.refresh-catalog-entity` or `models.get-costs`. None by
     * default: an action has the whole right of the person who asked, so nothing
     * would bound what it starts, and the agent's owner sees what it tells.
     */
    agentActions?: string[];

    timeouts?: {
      /** Time to connect to a server. 5 seconds by default. */
      connect?: string | HumanDuration;
      /** Time to read all the tools of a server. 15 seconds by default. */
      discovery?: string | HumanDuration;
      /** Time for one tool call. 60 seconds by default. */
      call?: string | HumanDuration;
    };

    limits?: {
      /**
       * Bytes that are read from a server for one request, and after which no further
       * page of its tools is asked for. 4 MiB by default.
       * Whatever this is, at most 30,000 members of objects, 300,000 elements of
       * arrays and 200 levels, because those take longer to parse than bytes.
       */
      responseBytes?: number;
      /** Bytes of a tool's answer that callers get. 256 KiB by default. */
      resultBytes?: number;
      /** Bytes of the description and schemas of one tool. 64 KiB by default. */
      toolBytes?: number;
      /** Tools that are taken from one server. 500 by default. */
      toolsPerServer?: number;
    };

    /**
     * The least of what a server that somebody vouches for changes about a tool that is
     * held, so that nobody can call the tool until its owner releases it; the mildest
     * first. `suspicious`, which is the default: it reads like an instruction to the
     * model, speaks of passwords for the first time or holds characters that people do
     * not see. Of servers that nobody vouches for every change is held.
     */
    holdChangesFrom?:
      | 'compatible'
      | 'breaking'
      | 'wording'
      | 'risk'
      | 'suspicious';

    /**
     * How long the rows of the call ledger are kept. 90 days by default.
     */
    callRetention?: string | HumanDuration;

    /**
     * How long it is kept what agents called tools with, so that rules can be tried on
     * it before they are in force. Secrets are masked by their name and form, and
     * arguments of more than 16 KiB are left out. 30 days by default; `0s` keeps none.
     */
    argumentRetention?: string | HumanDuration;

    /**
     * Settings of single servers, by the name of the API entity
     * (`namespace/name` outside of the namespace `default`).
     */
    servers?: {
      [name: string]: {
        /**
         * Address of the server. It replaces what the entity says. Backstage's own
         * actions are at `plugin://mcp-actions/v1`.
         */
        url?: string;
        /**
         * The only hosts where the entity may say that the server is, written as
         * in `allowedHosts`, private ones too.
         */
        hosts?: string[];
        /**
         * HTTP headers to send to the server, such as an API key. They are sent to
         * the origin of `url` or to `hosts` and nowhere else, so one of the two is
         * required. Over plain http they are sent only where the port is written.
         * @deepVisibility secret
         */
        headers?: { [header: string]: string };
        /**
         * `verified`: what the server says about the risk of its own tools counts,
         * as it does for servers of trusted catalog locations. Tools of other
         * servers are at least `external`. Needs `url` or `hosts`.
         */
        trust?: 'declared' | 'verified';
        /**
         * Risk tiers by the names of tools at the server. They go before everything
         * else that is said about a tool. Needs `url` or `hosts`.
         */
        riskTiers?: {
          [toolName: string]:
            | 'read'
            | 'write'
            | 'external'
            | 'critical'
            | 'forbidden';
        };
        /**
         * The most sensitive data that its tools give, `internal` unless given. Agents
         * that may see less (`spec.dataClassification`) cannot call them. A Tool entity
         * of a trusted location goes before it; others may only raise it. Needs `url`
         * or `hosts`.
         */
        dataClassification?:
          | 'public'
          | 'internal'
          | 'confidential'
          | 'restricted';
      };
    };
  };
}
