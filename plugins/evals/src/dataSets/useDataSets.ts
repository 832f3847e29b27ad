import { useLoad } from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { evalsApiRef } from '../api/evalsApiRef';

const MOST_SETS = 100;

/** The data sets of an agent, and those of them that have something to ask. */
export function useDataSets(agentRef: string) {
  const api = useApi(evalsApiRef);
  const sets = useLoad(agentRef, signal =>
    api.listDataSets({ agentRef, limit: MOST_SETS }, { signal }),
  );
  const usable = (sets.value?.items ?? []).filter(
    ({ caseCount }) => caseCount > 0,
  );
  return { sets, usable };
}
