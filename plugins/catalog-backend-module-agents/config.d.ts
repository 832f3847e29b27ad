export interface Config {
  agents?: {
    catalog?: {
      /**
       * How often, in seconds, Tool and Model entities are compared with their
       * sources although no event says that something has changed; at least 5.
       * Default: 300
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
