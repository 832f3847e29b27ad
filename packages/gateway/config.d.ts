export interface Config {
  /** The model gateway as a process of its own. */
  modelGateway?: {
    /**
     * Calls under way at once; more are turned away with 503 and the code
     * `gateway_overloaded`. 1000 unless it is set.
     * @visibility backend
     */
    maxCalls?: number;
    /**
     * Bytes of requests under way at once, so that large ones cannot fill the
     * memory. 256 MiB unless it is set.
     * @visibility backend
     */
    maxRequestBytes?: number;
    /**
     * How long calls under way may take to end after SIGTERM. 30 unless it is set.
     * @visibility backend
     */
    drainSeconds?: number;
  };
}
