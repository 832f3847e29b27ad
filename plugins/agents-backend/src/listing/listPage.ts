import type {
  AgentPage,
  AgentSummary,
} from '@agentportal/plugin-agents-common';
import type { AgentListRequest } from './AgentFilter';
import { type ListPosition, writeCursor } from './cursor';

/** A page of a list, with the cursor of the next one if there is more. */
export function listPage(
  request: AgentListRequest,
  found: ListPosition & { items: AgentSummary[] },
): AgentPage {
  const { items, mine, total } = found;
  const offset = found.offset + items.length;
  return {
    items,
    totalItems: total,
    // An empty page ends the list even if agents have gone meanwhile.
    ...(items.length && offset < total
      ? { nextCursor: writeCursor({ offset, mine, total }, request) }
      : {}),
  };
}
