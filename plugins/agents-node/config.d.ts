export interface Config {
  agents?: {
    /**
     * Catalog locations, besides those under `catalog.locations`, whose entities may
     * state what others rely on: lower risk tiers of tools, prices and facts of models.
     * Agents of the portal's own folder of repositories, which nobody reviews, may begin to work
     * by themselves where one of these fits.
     * Globs on origin location refs, such as
     * `url:https://github.com/acme/ai-catalog/blob/main/**`. Name the branch: whoever may
     * push any branch of a repository could state a price otherwise.
     */
    trustedLocations?: string[];
    /**
     * The most sensitive data that people may see through tools, themselves or through
     * agents: the highest that is given to them or to a group of theirs. Without it nobody
     * is bounded.
     */
    clearance?: {
      /** Of those who are named nowhere. Default is restricted, which is everything. */
      default?: 'public' | 'internal' | 'confidential' | 'restricted';
      /** Refs of groups and users. */
      public?: string[];
      /** Refs of groups and users. */
      internal?: string[];
      /** Refs of groups and users. */
      confidential?: string[];
      /** Refs of groups and users. */
      restricted?: string[];
    };
    localRepositories?: {
      /**
       * Folder in which golden paths leave Git repositories when no Git host is
       * configured; every agent in it is in the catalog. Only used where the
       * database is SQLite. Relative paths start at the folder in which the
       * backend runs. Default: .data/agent-repositories
       */
      path?: string;
    };
  };
}
