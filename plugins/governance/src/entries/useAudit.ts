import {
  useLoad,
  usePages,
  useSettled,
} from '@agentportal/plugin-agents-react';
import type {
  AuditEntry,
  AuditOutcome,
  AuditType,
  ExportQuery,
} from '@agentportal/plugin-governance-common';
import { useApi } from '@backstage/frontend-plugin-api';
import { useMemo, useState } from 'react';
import { governanceApiRef } from '../api/governanceApiRef';
import { OUTCOMES, TYPES } from './auditWords';
import { periodOf } from './period';

const PAGE = 50;
/** A search for text looks at a part of the log in each request; so many are made before it asks whether to go on. */
const MOST_REQUESTS = 5;

/** What the address of the page says. */
export const STATE = {
  range: '30d',
  from: '',
  to: '',
  type: [] as readonly string[],
  outcome: [] as readonly string[],
  agent: '',
  actor: '',
  person: '',
  resource: '',
  run: '',
  q: '',
  entry: '',
  record: '',
} as const;

/** The part of it that chooses entries. */
export interface AuditState {
  range: string;
  from: string;
  to: string;
  type: string[];
  outcome: string[];
  agent: string;
  actor: string;
  person: string;
  resource: string;
  run: string;
  q: string;
}

/** Entries and counts for what the address asks. */
export function useAudit(state: AuditState) {
  const api = useApi(governanceApiRef);
  const [now, setNow] = useState(() => Date.now());
  const text = useSettled(state.q.trim());
  const { range, from, to } = state;
  const period = useMemo(
    () => periodOf(range, { from, to }, now),
    [range, from, to, now],
  );
  const counted = {
    ...period,
    ...(state.agent && { agentRef: state.agent }),
  };
  const chosen = {
    ...counted,
    ...known('type', state.type, TYPES),
    ...known('outcome', state.outcome, OUTCOMES),
  };
  const query: ExportQuery = {
    ...chosen,
    ...(state.actor && { actor: state.actor }),
    ...(state.person && { personRef: state.person }),
    ...(state.resource && { resource: state.resource }),
    ...(state.run && { runId: state.run }),
  };
  // Of one letter everything has some.
  const search = text.length > 1 ? { text } : {};
  const entries = usePages<AuditEntry>(
    JSON.stringify([query, search]),
    async (cursor, signal) => {
      let page = { items: [] as AuditEntry[], nextCursor: cursor };
      for (let asked = 0; asked < MOST_REQUESTS; asked++) {
        page = {
          nextCursor: undefined,
          ...(await api.listEntries(
            {
              ...query,
              ...search,
              limit: PAGE,
              ...(page.nextCursor && { cursor: page.nextCursor }),
            },
            { signal },
          )),
        };
        if (page.items.length > 0 || !page.nextCursor) break;
      }
      return page;
    },
  );
  const stats = useLoad(JSON.stringify(chosen), signal =>
    api.getStats(chosen, { signal }),
  );
  const facets = useLoad(JSON.stringify(['facets', counted]), signal =>
    api.getStats(period, { signal }),
  );
  return {
    period,
    now,
    query,
    entries,
    stats,
    facets,
    /** Whether the list is of fewer entries than the counts, which know no other filters. */
    isNarrower: Boolean(
      state.actor || state.person || state.resource || state.run || text,
    ),
    reload() {
      setNow(Date.now());
      entries.reload();
      stats.reload();
      facets.reload();
    },
  };
}

function known<K extends 'type' | 'outcome'>(
  key: K,
  values: string[],
  words: Record<string, unknown>,
) {
  const valid = values.filter(value => value in words);
  return (valid.length ? { [key]: valid } : {}) as {
    type?: AuditType[];
    outcome?: AuditOutcome[];
  };
}
