import { HumanDuration } from '@backstage/types';

export interface Config {
  tools?: {
    /**
     * How often every MCP server is asked for its tools. 30 seconds by default.
     */
    refreshInterval?: string | HumanDuration;

    /**
     * Hosts that the gateway may call: `tools.example.com`, `*.example.com`,
     * `127.0.0.1:7110`. Without this list it calls what the catalog names,
     * except link-local and cloud metadata addresses. A host that is listed is
     * allowed whatever its address is.
     */
    allowedHosts?: string[];

    timeouts?: {
      /** Time to connect to a server. 5 seconds by default. */
      connect?: string | HumanDuration;
      /** Time to read all the tools of a server. 15 seconds by default. */
      discovery?: string | HumanDuration;
      /** Time for one tool call. 60 seconds by default. */
      call?: string | HumanDuration;
    };

    limits?: {
      /** Bytes that are read from a server for one request. 4 MiB by default. */
      responseBytes?: number;
      /** Bytes of a tool's answer that callers get. 256 KiB by default. */
      resultBytes?: number;
      /** Bytes of the description and schemas of one tool. 64 KiB by default. */
      toolBytes?: number;
      /** Tools that are taken from one server. 500 by default. */
      toolsPerServer?: number;
    };

    /**
     * How long the rows of the call ledger are kept. 90 days by default.
     */
    callRetention?: string | HumanDuration;

    /**
     * Settings of single servers, by the name of the API entity
     * (`namespace/name` outside of the namespace `default`).
     */
    servers?: {
      [name: string]: {
        /**
         * HTTP headers to send to the server, such as an API key.
         * @deepVisibility secret
         */
        headers?: { [header: string]: string };
      };
    };
  };
}
