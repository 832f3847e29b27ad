import {
  usePages,
  useSettled,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, SearchField } from '@backstage/ui';
import { tracesApiRef } from '../api/tracesApiRef';
import { ChoiceFilter, FacetFilter } from './FacetFilter';
import { FiguresView } from './FiguresView';
import { TraceList } from './TraceList';
import {
  COSTS,
  DURATIONS,
  STATUSES,
  TIMES,
  TRACES_STATE,
  toTracesQuery,
} from './traceFilters';
import styles from './list.module.css';

const PAGE_SIZE = 50;

/** Traces with their figures and filters; of one agent when `agentRef` is given. */
export function FilteredTraces({ agentRef }: { agentRef?: string }) {
  const api = useApi(tracesApiRef);
  const [state, update] = useUrlState(TRACES_STATE);
  const q = useSettled(state.q);
  const filters = { ...state, q, ...(agentRef && { agent: agentRef }) };
  const pages = usePages(JSON.stringify(filters), (cursor, signal) =>
    api.listTraces(
      { ...toTracesQuery(filters, Date.now()), limit: PAGE_SIZE, cursor },
      { signal },
    ),
  );
  const isFiltered = Object.entries(state).some(
    ([key, value]) =>
      key !== 'time' &&
      !(agentRef && key === 'agent') &&
      value !== TRACES_STATE[key as keyof typeof TRACES_STATE],
  );
  const clear = () => update({ ...TRACES_STATE, time: state.time });
  return (
    <>
      <div className={styles.toolbar}>
        <div className={styles.search}>
          <SearchField
            aria-label="Search traces"
            size="small"
            placeholder="Search names, agents, models, tools"
            value={state.q}
            onChange={text => update({ q: text }, { replace: true })}
          />
        </div>
        <ChoiceFilter
          label="Time"
          choices={TIMES}
          value={state.time}
          onChange={time => update({ time })}
        />
        {!agentRef && (
          <>
            <FacetFilter
              label="Agent"
              any="Any agent"
              groupBy="agent"
              filters={filters}
              onChange={agent => update({ agent })}
            />
            <FacetFilter
              label="Owner"
              any="Any owner"
              groupBy="owner"
              filters={filters}
              onChange={owner => update({ owner })}
            />
          </>
        )}
        <ChoiceFilter
          label="Status"
          any="Any status"
          choices={STATUSES}
          value={state.status}
          onChange={status => update({ status })}
        />
        <FacetFilter
          label="Model"
          any="Any model"
          groupBy="model"
          filters={filters}
          onChange={model => update({ model })}
        />
        <FacetFilter
          label="Tool"
          any="Any tool"
          groupBy="tool"
          filters={filters}
          onChange={tool => update({ tool })}
        />
        <ChoiceFilter
          label="Duration"
          any="Any duration"
          choices={DURATIONS}
          value={state.longer}
          onChange={longer => update({ longer })}
        />
        <ChoiceFilter
          label="Cost"
          any="Any cost"
          choices={COSTS}
          value={state.dearer}
          onChange={dearer => update({ dearer })}
        />
        {state.session && (
          <span className={styles.quiet}>Traces of one conversation</span>
        )}
        {isFiltered && (
          <Button size="small" variant="tertiary" onPress={clear}>
            Clear filters
          </Button>
        )}
      </div>
      <FiguresView filters={filters} />
      <TraceList
        pages={pages}
        withAgent={!agentRef}
        isFiltered={isFiltered}
        onClear={clear}
      />
    </>
  );
}
