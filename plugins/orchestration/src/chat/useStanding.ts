import type { AgentSummary } from '@agentportal/plugin-agents-common';
import { useLoad } from '@agentportal/plugin-agents-react';
import { parseEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import { useEffect } from 'react';
import { agentChoicesApiRef } from '../api/agentChoicesApiRef';

/** Whoever talks to an agent sees this soon that it was suspended, or goes on. */
const REFRESH_MS = 5_000;

/** Whether an agent works for who looks at it, as it changes; pending until that is known or cannot be found out. */
export function useStanding(agentRef: string): {
  standing?: AgentSummary['standing'];
  isPending: boolean;
} {
  const api = useApi(agentChoicesApiRef);
  const { namespace, name } = parseEntityRef(agentRef);
  const { error, value, reload } = useLoad(`standing of ${agentRef}`, signal =>
    api.getAgent(namespace, name, { signal }),
  );
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [reload]);
  return { standing: value?.standing, isPending: !value && !error };
}
