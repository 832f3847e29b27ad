import type { WorkloadIssuer } from '../config';
import { OAuthError } from '../oauth/OAuthError';
import { claimsOf, verifyAssertion } from './assertions';
import type { AgentClient } from './ClientAuthenticator';
import { IssuerKeys } from './IssuerKeys';
import type { UsedAssertions } from './UsedAssertions';

/**
 * Takes the token that a platform gave a workload (a Kubernetes service account, a SPIFFE
 * JWT-SVID, an app of the company's identity provider) for the agent that the operator bound
 * its subject to.
 */
export class WorkloadAuthenticator {
  readonly #issuers: ReadonlyMap<string, WorkloadIssuer>;
  readonly #keys = new IssuerKeys();
  readonly #used: UsedAssertions;

  constructor(options: { workloads: WorkloadIssuer[]; used: UsedAssertions }) {
    this.#issuers = new Map(
      options.workloads.map(workload => [workload.issuer, workload]),
    );
    this.#used = options.used;
  }

  async authenticate(assertion: string): Promise<AgentClient> {
    const code = 'invalid_grant';
    const claims = claimsOf(assertion, code);
    const workload = this.#issuers.get(claims.iss);
    if (!workload) {
      throw new OAuthError(
        code,
        'The issuer of the assertion is not known here. The operator can list it in auth.providers.agent.workloads.',
      );
    }
    const payload = await verifyAssertion(assertion, {
      keys: await this.#keys.of(workload),
      issuer: workload.issuer,
      audience: workload.audience,
      // Platforms write one token for an hour, to be shown again and again.
      once: false,
      used: this.#used,
      code,
    });
    const agentRef = workload.agents.get(String(payload.sub));
    if (!agentRef) {
      throw new OAuthError(
        code,
        'The subject of the assertion stands for no agent. The operator can bind it in auth.providers.agent.workloads.',
      );
    }
    return { agentRef, credentialId: `workload:${workload.issuer}` };
  }
}
