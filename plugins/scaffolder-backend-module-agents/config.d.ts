export interface Config {
  agents?: {
    localRepositories?: {
      /**
       * Folder that holds the Git repositories of agents that are created while
       * no GitHub or GitLab is configured. Default: `.data/agent-repositories`.
       */
      path?: string;
    };
  };
}
