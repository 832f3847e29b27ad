import { usePages } from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { tracesApiRef } from '../api/tracesApiRef';
import { TraceList } from './TraceList';
import { toTracesQuery, type TraceFilters } from './traceFilters';

const PAGE_SIZE = 50;

/** The traces that filters leave. */
export function FoundTraces(props: {
  filters: TraceFilters;
  withAgent: boolean;
  isFiltered: boolean;
  onClear: () => void;
}) {
  const { filters, isFiltered, onClear, withAgent } = props;
  const api = useApi(tracesApiRef);
  const pages = usePages(JSON.stringify(filters), (cursor, signal) =>
    api.listTraces(
      { ...toTracesQuery(filters, Date.now()), limit: PAGE_SIZE, cursor },
      { signal },
    ),
  );
  return (
    <TraceList
      pages={pages}
      withAgent={withAgent}
      isFiltered={isFiltered}
      onClear={onClear}
    />
  );
}
