import {
  AGENT_PORTAL_API_VERSION,
  type AgentEntity,
  type AgentSummary,
  decideAgentState,
} from '@agentportal/plugin-agents-common';
import type { PublishedDefinitions } from '../approvals/PublishedDefinitions';
import { type StateStore, toRecord } from '../identities/StateStore';
import type { IndexableAgent } from './facets';

/** Who asks, and what they own things by. */
interface Person {
  ref: string;
  ownershipRefs: readonly string[];
}

/** How the agents of a page stand, by the rules that hold at the doors; one query for all of them. */
export class Standings {
  readonly #states: StateStore;
  readonly #sponsorGraceDays: number;
  readonly #published: PublishedDefinitions | undefined;

  constructor(options: {
    states: StateStore;
    sponsorGraceDays: number;
    published?: PublishedDefinitions;
  }) {
    this.#states = options.states;
    this.#published = options.published;
    this.#sponsorGraceDays = options.sponsorGraceDays;
  }

  /** One for each agent, for the person if one asks. */
  async of(
    agents: readonly IndexableAgent[],
    person: Person | undefined,
  ): Promise<Array<AgentSummary['standing']>> {
    const refs = agents.map(({ ref }) => ref);
    const [rows, unpublished] = await Promise.all([
      this.#states.byRefs(refs),
      this.#published?.unpublished(agents),
    ]);
    const now = Date.now();
    return agents.map(agent => {
      const record = {
        ...toRecord(rows.get(agent.ref)),
        ...(agent.lifecycle === 'production' &&
          unpublished?.has(agent.ref) && { awaitsApproval: true }),
      };
      const standing = decideAgentState({
        agentRef: agent.ref,
        agent: toEntity(agent),
        record,
        sponsorGraceDays: this.#sponsorGraceDays,
        now,
        ...(person && { acting: { person } }),
      });
      return {
        ...standing,
        ...(standing.state === 'suspended' &&
          record.suspended && { suspended: record.suspended }),
      };
    });
  }
}

/** A summary has all that its state is decided by. */
function toEntity(agent: IndexableAgent): AgentEntity {
  const { identity, name, namespace, title } = agent;
  return {
    apiVersion: AGENT_PORTAL_API_VERSION,
    kind: 'Agent',
    metadata: { name, namespace, title },
    spec: {
      type: agent.type as AgentEntity['spec']['type'],
      lifecycle: agent.lifecycle as AgentEntity['spec']['lifecycle'],
      owner: agent.ownerRef,
      autonomy: agent.autonomy as AgentEntity['spec']['autonomy'],
      ...(identity && { identity }),
    },
  };
}
