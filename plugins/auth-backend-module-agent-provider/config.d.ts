import { HumanDuration } from '@backstage/types';

export interface Config {
  auth?: {
    /**
     * How long tokens live. The agent provider wants ten minutes or less, so that a right that
     * is taken away is gone soon; the sessions of people renew themselves.
     */
    backstageTokenExpiration?: HumanDuration | string;
    providers?: {
      /** Agents sign in. Present, even when empty, to switch it on. */
      agent?: {
        /** Issuers whose workload tokens (Kubernetes, SPIFFE, an identity provider) stand for agents. */
        workloads?: Array<{
          /** The `iss` of the tokens. */
          issuer: string;
          /** Where the public keys are; default is what the issuer's discovery document says. */
          jwksUri?: string;
          /** The `aud` that the tokens must have; default is this provider's own address. */
          audience?: string;
          /** Which subject stands for which agent. */
          agents: Array<{
            /** The `sub` of the token, whole. */
            subject: string;
            /** Entity ref of the agent. */
            agent: string;
          }>;
        }>;
      };
    };
  };
}
