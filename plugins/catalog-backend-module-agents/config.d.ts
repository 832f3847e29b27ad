export interface Config {
  agents?: {
    localRepositories?: {
      /**
       * Folder in which golden paths leave Git repositories when no Git host is
       * configured; every agent in it is in the catalog. Relative paths start
       * at the folder in which the backend runs. Default: .data/agent-repositories
       */
      path?: string;
    };
    catalog?: {
      /**
       * How often, in seconds, Tool and Model entities are brought up to date;
       * at least 5. Default: 30
       */
      refreshSeconds?: number;
      /**
       * Entity ref of the owner of the models that providers offer and no YAML
       * file describes. Default: group:default/platform
       */
      modelOwner?: string;
    };
  };
}
