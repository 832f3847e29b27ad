export interface Config {
  permission?: {
    /** Settings of Agent Portal's permission policy. */
    agentPortal?: {
      /**
       * Entity refs of users who count as guests. Default: `user:default/guest`.
       * A user who is in no group of the catalog is treated as a guest as well.
       */
      guestRefs?: string[];
      /**
       * Entity refs of the users and groups that run the portal. Default: none.
       */
      adminRefs?: string[];
      /**
       * Names of permissions of other plugins that signed-in users who are not
       * guests have, for instance `kubernetes.clusters.read`.
       */
      allowedPermissions?: string[];
    };
  };
}
