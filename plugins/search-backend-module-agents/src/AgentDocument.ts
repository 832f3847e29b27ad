import type { IndexableDocument } from '@backstage/plugin-search-common';

/**
 * An Agent, Tool or Model as search knows it.
 *
 * @public
 */
export interface AgentDocument extends IndexableDocument {
  kind: string;
  namespace: string;
  name: string;
  /** `spec.type`, such as assistant, mcp or chat. */
  type: string;
  lifecycle: string;
  /** Entity ref of the owner. */
  owner: string;
}
