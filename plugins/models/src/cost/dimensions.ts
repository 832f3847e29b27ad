import type { CostDimension } from '@agentportal/plugin-models-common';
import { parseEntityRef } from '@backstage/catalog-model';

const DIRECTLY =
  'Calls that people and programs made themselves, not through an agent';

/** What costs can be looked at by, and what a call without it is called. */
export const DIMENSIONS: ReadonlyArray<{
  id: CostDimension;
  label: string;
  none: string;
  /** What a call without it is, in a sentence. */
  noneHint?: string;
  isEntity: boolean;
}> = [
  {
    id: 'owner',
    label: 'Owner',
    none: 'Called directly',
    noneHint: DIRECTLY,
    isEntity: true,
  },
  {
    id: 'system',
    label: 'System',
    none: 'Outside of any system',
    isEntity: true,
  },
  {
    id: 'domain',
    label: 'Domain',
    none: 'Outside of any domain',
    isEntity: true,
  },
  {
    id: 'agent',
    label: 'Agent',
    none: 'Called directly',
    noneHint: DIRECTLY,
    isEntity: true,
  },
  { id: 'model', label: 'Model', none: 'No model answered', isEntity: false },
  {
    id: 'user',
    label: 'Person',
    none: 'On behalf of no one',
    noneHint: 'Calls of programs with a token of their own',
    isEntity: true,
  },
  {
    id: 'key',
    label: 'Key',
    none: 'Without a key',
    noneHint: 'Calls of agents and people, who have tokens of their own',
    isEntity: false,
  },
  { id: 'day', label: 'Day (UTC)', none: 'All calls', isEntity: false },
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
