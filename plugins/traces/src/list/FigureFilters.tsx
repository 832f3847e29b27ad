import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { tracesTranslationRef } from '../translation';
import { ChoiceFilter, FacetFilter } from './FacetFilter';
import {
  isInterval,
  periodWords,
  TIMES,
  TRACES_STATE,
  type TraceFilters,
} from './traceFilters';
import styles from './list.module.css';

/** Filters that count for figures as well: the time, whose it is, models and tools. */
export function FigureFilters(props: {
  filters: TraceFilters;
  /** Of one agent, which is not chosen then. */
  isOfAgent: boolean;
  update: (changes: Partial<TraceFilters>) => void;
}) {
  const { t } = useTranslationRef(tracesTranslationRef);
  const { filters, isOfAgent, update } = props;
  const { from, time, to } = TRACES_STATE;
  return (
    <>
      {isInterval(filters) ? (
        <Button
          size="small"
          variant="secondary"
          className={styles.interval}
          aria-label={`Time: ${periodWords(filters)}. Take it away`}
          onPress={() => update({ from, to })}
        >
          {periodWords(filters)} ✕
        </Button>
      ) : (
        <ChoiceFilter
          label={t('figureFilters.time')}
          choices={TIMES}
          value={filters.time}
          onChange={value => update({ time: value || time })}
        />
      )}
      {!isOfAgent && (
        <>
          <FacetFilter
            label={t('figureFilters.agent')}
            any="Any agent"
            groupBy="agent"
            filters={filters}
            onChange={agent => update({ agent })}
          />
          <FacetFilter
            label={t('figureFilters.owner')}
            any="Any owner"
            groupBy="owner"
            filters={filters}
            onChange={owner => update({ owner })}
          />
        </>
      )}
      <FacetFilter
        label={t('figureFilters.model')}
        any="Any model"
        groupBy="model"
        filters={filters}
        onChange={model => update({ model })}
      />
      <FacetFilter
        label={t('figureFilters.tool')}
        any="Any tool"
        groupBy="tool"
        filters={filters}
        onChange={tool => update({ tool })}
      />
    </>
  );
}
