export interface Config {
  search?: {
    collators?: {
      agents?: {
        /**
         * When agents, tools and models are read into search. Default: every
         * 5 minutes, the first time 10 seconds after the start; in each process
         * (scope local) unless the database is PostgreSQL, because the index is
         * in memory then.
         */
        schedule?: {
          /** A duration such as `{ minutes: 5 }` or `5m`, or `{ cron: '…' }`. */
          frequency: string | object;
          /** A duration. */
          timeout: string | object;
          /** A duration. */
          initialDelay?: string | object;
          scope?: 'global' | 'local';
        };
      };
    };
  };
}
