import { useEffect, useRef, useState } from 'react';
import type { AgentStats } from '@agentportal/plugin-orchestration-common';
import { useApi } from '@backstage/frontend-plugin-api';
import { agentActivityApiRef } from '../api';

/** What cards and rows show beside what the catalog knows. */
export interface Activity {
  stats: ReadonlyMap<string, AgentStats>;
  /** Nano-USD since the start of the month. */
  costs: ReadonlyMap<string, number>;
  /** Refs whose numbers are on their way. */
  isPending(agentRef: string): boolean;
}

/** What one request may ask about. */
const BATCH = 100;

/**
 * Numbers for the agents that are shown: one request of each kind for each page
 * that is loaded, none for what is known already. Numbers that cannot be had are
 * left out; a list of agents must not fail because costs do.
 */
export function useActivity(agentRefs: readonly string[]): Activity {
  const api = useApi(agentActivityApiRef);
  const asked = useRef(new Set<string>());
  const [stats, setStats] = useState(new Map<string, AgentStats>());
  const [costs, setCosts] = useState(new Map<string, number>());
  const [settled, setSettled] = useState(new Set<string>());

  const key = agentRefs.join('\n');
  useEffect(() => {
    const news = key
      .split('\n')
      .filter(ref => ref && !asked.current.has(ref))
      .slice(0, BATCH);
    if (news.length === 0) {
      return;
    }
    news.forEach(ref => asked.current.add(ref));
    const merge = <T>(found: Map<string, T>) => {
      return (before: Map<string, T>) => new Map([...before, ...found]);
    };
    Promise.allSettled([
      api.getStats(news, { days: 14 }).then(found => setStats(merge(found))),
      api.getMonthCosts(news).then(found => setCosts(merge(found))),
    ]).then(() => setSettled(before => new Set([...before, ...news])));
  }, [api, key]);

  return { stats, costs, isPending: ref => !settled.has(ref) };
}
