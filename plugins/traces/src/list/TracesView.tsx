import {
  EntityLink,
  formatDuration,
  useSettled,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  SearchField,
  Switch,
  ToggleButton,
  ToggleButtonGroup,
} from '@backstage/ui';
import { Dashboard } from '../dashboard/Dashboard';
import { tracesTranslationRef } from '../translation';
import { ChoiceFilter } from './FacetFilter';
import { FigureFilters } from './FigureFilters';
import { FoundTraces } from './FoundTraces';
import {
  COSTS,
  DURATIONS,
  FLAGGED,
  STATUSES,
  TRACES_STATE,
  type TraceFilters,
} from './traceFilters';
import styles from './list.module.css';

const VIEWS = ['list', 'overview'] as const;

/** Traces of the whole portal, of one agent or of a part of the company: their list, and their figures. */
export function TracesView(props: {
  agentRef?: string;
  withinRef?: string;
  /** What is shown first. */
  first: (typeof VIEWS)[number];
}) {
  const { agentRef, first, withinRef } = props;
  const { t } = useTranslationRef(tracesTranslationRef);
  const [state, update] = useUrlState(TRACES_STATE);
  const q = useSettled(state.q);
  const view = VIEWS.find(one => one === state.view) ?? first;
  const fixed: Partial<TraceFilters> = {
    ...(agentRef && { agent: agentRef }),
    ...(withinRef && { within: withinRef }),
  };
  const filters = { ...state, q, ...fixed };
  // How far back and in which way one looks are no filters to be cleared.
  const cleared: TraceFilters = {
    ...TRACES_STATE,
    ...{ live: state.live, time: state.time, view: state.view },
  };
  const isFiltered = (Object.keys(cleared) as Array<keyof TraceFilters>).some(
    key => !(key in fixed) && state[key] !== cleared[key],
  );
  const clear = () => update(cleared);
  return (
    <>
      <ToggleButtonGroup
        aria-label={t('views.label')}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[view]}
        onSelectionChange={keys => {
          const chosen = VIEWS.find(one => keys.has(one)) ?? first;
          update({ view: chosen === first ? '' : chosen });
        }}
      >
        {[first, ...VIEWS.filter(one => one !== first)].map(one => (
          <ToggleButton key={one} id={one} size="small">
            {t(`views.${one}`)}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <div className={styles.toolbar}>
        {view === 'list' && (
          <div className={styles.search}>
            <SearchField
              aria-label={t('tracesView.searchTraces')}
              size="small"
              placeholder={t('tracesView.searchNamesToolsKeptWords')}
              value={state.q}
              onChange={text => update({ q: text }, { replace: true })}
            />
          </div>
        )}
        <FigureFilters
          filters={filters}
          isOfAgent={agentRef !== undefined}
          update={update}
        />
        {view === 'list' && (
          <>
            <ChoiceFilter
              label={t('tracesView.status')}
              any="Any status"
              choices={STATUSES}
              value={state.status}
              onChange={status => update({ status })}
            />
            <ChoiceFilter
              label={t('tracesView.duration')}
              any="Any duration"
              choices={DURATIONS}
              value={state.longer}
              wordsOf={ms => `Longer than ${formatDuration(Number(ms))}`}
              onChange={longer => update({ longer })}
            />
            <ChoiceFilter
              label={t('tracesView.cost')}
              any="Any cost"
              choices={COSTS}
              value={state.dearer}
              onChange={dearer => update({ dearer })}
            />
            <ChoiceFilter
              label={t('tracesView.flag')}
              any="Any flag"
              choices={FLAGGED}
              value={state.flagged}
              onChange={flagged => update({ flagged })}
            />
            <Switch
              label={t('live.on')}
              isSelected={state.live !== ''}
              onChange={isOn => update({ live: isOn ? 'on' : '' })}
            />
          </>
        )}
        {state.session && (
          <span className={styles.quiet}>
            {t('tracesView.tracesOfOneConversation')}
          </span>
        )}
        {state.within && !withinRef && (
          <span className={styles.quiet}>
            Agents of <EntityLink entityRef={state.within} />
          </span>
        )}
        {isFiltered && (
          <Button size="small" variant="tertiary" onPress={clear}>
            {t('tracesView.clearFilters')}
          </Button>
        )}
      </div>
      {view === 'overview' ? (
        <Dashboard
          filters={filters}
          onNarrow={update}
          onList={changes =>
            update({ ...changes, view: first === 'list' ? '' : 'list' })
          }
        />
      ) : (
        <FoundTraces
          filters={filters}
          withAgent={!agentRef}
          isFiltered={isFiltered}
          onClear={clear}
        />
      )}
    </>
  );
}
