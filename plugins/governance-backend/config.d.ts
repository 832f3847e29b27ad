import type { HumanDuration } from '@backstage/types';

export interface Config {
  governance?: {
    audit?: {
      /**
       * Secrets of the log, each 32 random bytes or more in Base64
       * (`openssl rand -base64 32`). The first signs tree heads and wraps the keys of
       * persons; older ones behind it still open what they have wrapped. Whoever loses
       * them can read no personal data in the log any more, and proofs still hold.
       *
       * @deepVisibility secret
       */
      secrets?: string[];

      /**
       * A file with one secret, used when there are no `secrets`. It is made when it is
       * not there, except where NODE_ENV is production.
       */
      secretFile?: string;

      /** When the tree is signed. */
      heads?: {
        /** After so many entries. Default 1,000. */
        everyEntries?: number;
        /** And after this time, if there is something new. Default one minute. */
        every?: HumanDuration | string;
      };

      /** Where signed heads are kept apart from the portal. */
      anchors?: Array<
        | {
            /** One head in a line, at the end of the file. */
            type: 'file';
            path: string;
          }
        | {
            /** A Git repository on this machine, made if need be: a file for each day, and a commit an hour. */
            type: 'git';
            path: string;
          }
        | {
            /** Is sent `{ heads: [...] }` by POST, and answers 2xx when it has them. */
            type: 'webhook';
            url: string;
            /** Sent as `Authorization: Bearer`. @visibility secret */
            token?: string;
          }
      >;

      /** How long entries are kept. Their hashes stay, so that proofs hold. */
      retention?: {
        /** Default 184 days: the six months of the EU AI Act, articles 19 and 26. */
        standard?: HumanDuration | string;
        /** Default 2,192 days: the six years of HIPAA, 45 CFR 164.316. */
        extended?: HumanDuration | string;
        /**
         * Types of entries that are kept for the extended time unless the entry says
         * otherwise. Default credential, delegation, policy-change and approval.
         */
        extendedTypes?: string[];
      };

      /**
       * Services other than the plugins of this portal that may record entries, such as
       * `external:ci`.
       */
      writers?: string[];

      /**
       * The least severity of events of Backstage's auditor that become entries: low,
       * medium, high or critical. Default medium; low adds what was merely read.
       */
      auditorSeverity?: string;

      /** How many entries may wait to be written in one process. Default 10,000. */
      maxWaiting?: number;
    };
  };
}
