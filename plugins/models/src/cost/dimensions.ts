import type { CostDimension } from '@agentportal/plugin-models-common';
import { parseEntityRef } from '@backstage/catalog-model';

/** What costs can be looked at by, and what a call without it is called. */
export const DIMENSIONS: ReadonlyArray<{
  id: CostDimension;
  label: string;
  none: string;
  isEntity: boolean;
}> = [
  { id: 'owner', label: 'Owner', none: 'No owner', isEntity: true },
  { id: 'system', label: 'System', none: 'No system', isEntity: true },
  { id: 'domain', label: 'Domain', none: 'No domain', isEntity: true },
  { id: 'agent', label: 'Agent', none: 'Called directly', isEntity: true },
  { id: 'model', label: 'Model', none: 'No model', isEntity: false },
  { id: 'user', label: 'Person', none: 'No person', isEntity: true },
];

/** The name of a group for charts and tables. */
export function nameOfGroup(dimension: CostDimension, key: string): string {
  const known = DIMENSIONS.find(candidate => candidate.id === dimension);
  if (!key) return known?.none ?? 'None';
  if (!known?.isEntity) return key;
  try {
    return parseEntityRef(key).name;
  } catch {
    return key;
  }
}
