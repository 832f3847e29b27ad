export interface Config {
  agents?: {
    sponsor?: {
      /**
       * How many days an agent may go on after its sponsor has left the catalog. Then it
       * is refused everywhere until a new sponsor accepts it. Default is 7.
       */
      graceDays?: number;
    };
    credentials?: {
      /** How many days a credential is good for unless its maker says less. Default is 90. */
      expireAfterDays?: number;
      /** The most that its maker may say, in days. Default is 365. */
      maxDays?: number;
      /** How many hours the old secret is still good after a rotation. Default is 24. */
      overlapHours?: number;
      /**
       * How many days before a credential expires its agent's owner is told, if the
       * notifications plugin is installed. Default is 14.
       */
      remindDays?: number;
    };
    /** Rules for the tool calls of agents, in Cedar. */
    rules?: {
      /**
       * Folder with `*.cedar` files, such as a Git checkout that something keeps up to
       * date. It is read every 15 seconds. Relative paths start at the folder in which
       * the backend runs.
       */
      folder?: string;
      /** Group or user who is notified of mistakes in the folder. */
      folderOwner?: string;
      /** IANA time zone of `context.env`, such as Europe/Berlin. Default is UTC. */
      timeZone?: string;
      /** Names of freezes that are on, which rules read as `context.env.freeze`. */
      freeze?: string[];
      /** How many days versions of texts are kept. Default is 1095. */
      historyDays?: number;
      /** How many days it is kept what rules refused or would have. Default is 90. */
      reportDays?: number;
    };
    /** How long things are kept after they have ended. */
    retention?: {
      /** Of delegations, in days. Default is 30. */
      delegationDays?: number;
      /** Of expired and revoked credentials, in days. Default is 365. */
      credentialDays?: number;
      /** Of expired and revoked grants, in days. Default is 365. */
      grantDays?: number;
    };
  };
}
