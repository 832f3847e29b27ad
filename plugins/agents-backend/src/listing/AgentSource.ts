import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { AgentFacets, AgentPage } from '@agentportal/plugin-agents-common';
import type { AgentFilter, AgentListRequest } from './AgentFilter';

/** Who asks, and what that person owns things as. */
export interface Caller {
  credentials: BackstageCredentials;
  ownershipRefs: string[];
  /** Stands for the caller in cache keys. */
  key: string;
}

/** What can list and count agents for a caller. */
export interface AgentSource {
  /** Lists agents, the caller's own first, then by title. */
  list(request: AgentListRequest, caller: Caller): Promise<AgentPage>;
  /** Counts agents per value of each field. */
  facets(filter: AgentFilter, caller: Caller): Promise<AgentFacets>;
}
