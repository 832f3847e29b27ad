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
    /** Who decides about what agents may not do alone. */
    approvals?: {
      /**
       * Lines of which the first that fits says who decides. Without it two people of
       * different groups decide about critical calls, within 15 minutes, and one of the
       * agent's owners about others; `operators` decide about access.
       */
      matrix?: Array<{
        /** What all must hold; a list holds when one of its values does. */
        when?: {
          /**
           * tool-call, access or publication; a line that names none is about calls. Who answers a question is said by whoever asks
           * it. Without a line that names publication nobody is asked whether an agent may go
           * to production, or change there. With one, agents in production that the portal
           * meets within ten minutes of its first start with it are taken as they are, and
           * everything else that gains an agent something waits for an approval.
           */
          kind?: string | string[];
          /** Of the tool: read, write, external or critical; of a publication, of one of the tools that it adds, or has when less would bound it. */
          riskTier?: string | string[];
          /** Of the tool, or of the agent that is published: public, internal, confidential or restricted. */
          dataClassification?: string | string[];
          /** Of the agent, such as production, which is what agents have that are published. */
          lifecycle?: string | string[];
          /** Of the agent that is published: copilot, supervised or autopilot. */
          autonomy?: string | string[];
          /** Refs of tools. */
          tool?: string | string[];
          /** An argument, by its path, that is more than a value or is no number; with `tool` also one that is missing. */
          amountOver?: { argument: string; value: number };
        };
        /** `agent-owner`, `tool-owner`, `sponsor`, `operators`, group:… and user:… */
        approvers: string | string[];
        /** How many of them have to approve. Default is 1. */
        quorum?: number;
        /** Whether each must be of another of the approvers. Default is false. */
        differentGroups?: boolean;
        /** Default is 1440, a day. */
        expiresAfterMinutes?: number;
        /**
         * What becomes of a request that nobody decides in time; escalated ones have as
         * much time again. Default is reject.
         */
        onExpiry?: 'reject' | 'escalate';
        /** To whom; agents.approvals.escalateTo unless given. */
        escalateTo?: string | string[];
      }>;
      /**
       * Refs of the groups and users who are the `operators`: they decide where those who
       * should are gone, must not, or have not in time. Default is
       * permission.agentPortal.adminRefs.
       */
      escalateTo?: string[];
      /** How many minutes an approved call may wait to be made. Default is 60. */
      grantMinutes?: number;
      /** Lets one person pass a call alone, in an emergency. Without it nobody may. */
      breakGlass?: {
        /** Group or user. */
        onCall: string;
        /** How often in a quarter, all together. Default is 3. */
        perQuarter?: number;
        /** How many hours others have to review it. Default is 24. */
        reviewHours?: number;
      };
    };
    /** How long things are kept after they have ended. */
    retention?: {
      /** Of decided requests, in days; 92 at least. Default is 1095. */
      approvalDays?: number;
      /** Of delegations, in days. Default is 30. */
      delegationDays?: number;
      /** Of expired and revoked credentials, in days. Default is 365. */
      credentialDays?: number;
      /** Of expired and revoked grants, in days. Default is 365. */
      grantDays?: number;
    };
  };
}
