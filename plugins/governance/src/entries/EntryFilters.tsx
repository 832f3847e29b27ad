import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { formatCount, nameOfRef } from '@agentportal/plugin-agents-react';
import type { AuditStats } from '@agentportal/plugin-governance-common';
import {
  Button,
  DateRangePicker,
  SearchField,
  Select,
  TextField,
} from '@backstage/ui';
import { parseDate, type CalendarDate } from '@internationalized/date';
import { RiFilter3Line } from '@remixicon/react';
import { useState, type ComponentProps } from 'react';
import { governanceTranslationRef } from '../translation';
import { OUTCOMES, TYPES } from './auditWords';
import { EntityPicker } from './EntityPicker';
import { OWN_DAYS, RANGES } from './period';
import type { AuditState } from './useAudit';
import styles from './entries.module.css';

const ANY = '*';

interface EntryFiltersProps {
  state: AuditState;
  facets?: AuditStats;
  onChange(changes: Partial<AuditState>, options?: { replace: boolean }): void;
}

/** What to look for in the log, with how much there is of each. */
export function EntryFilters({ state, facets, onChange }: EntryFiltersProps) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const named = [state.actor, state.person, state.resource, state.run];
  const [showsMore, setShowsMore] = useState(named.some(Boolean));
  const used = named.filter(Boolean).length;
  return (
    <div
      className={styles.filters}
      role="search"
      aria-label={t('entryFilters.filterEntries')}
    >
      <div className={styles.filterRow}>
        <SearchField
          className={styles.search}
          aria-label={t('entryFilters.searchEntries')}
          placeholder={t('entryFilters.searchForAWordSuch')}
          value={state.q}
          onChange={q => onChange({ q }, { replace: true })}
        />
        <Select
          aria-label={t('entryFilters.time')}
          className={styles.select}
          value={state.range in RANGES ? state.range : OWN_DAYS}
          options={[
            ...Object.entries(RANGES).map(([id, { label }]) => ({ id, label })),
            { id: OWN_DAYS, label: 'From day to day …' },
          ]}
          onChange={key => onChange({ range: String(key) })}
        />
        <Select
          aria-label={t('entryFilters.type')}
          className={styles.select}
          selectionMode="multiple"
          placeholder={t('entryFilters.anyType')}
          value={state.type}
          options={optionsOf(TYPES, facets?.types)}
          onChange={keys => onChange({ type: keys.map(String) })}
        />
        <Select
          aria-label={t('entryFilters.outcome')}
          className={styles.select}
          selectionMode="multiple"
          placeholder={t('entryFilters.anyOutcome')}
          value={state.outcome}
          options={optionsOf(
            Object.fromEntries(
              Object.entries(OUTCOMES).map(([id, { label }]) => [id, label]),
            ),
            facets?.outcomes,
          )}
          onChange={keys => onChange({ outcome: keys.map(String) })}
        />
        <Select
          aria-label={t('entryFilters.agent')}
          className={styles.select}
          value={state.agent || ANY}
          options={[
            { id: ANY, label: 'Any agent' },
            ...agentsOf(state.agent, facets).map(({ value, entries }) => ({
              id: value,
              label: withCount(nameOfRef(value), entries),
            })),
          ]}
          onChange={key => onChange({ agent: key === ANY ? '' : String(key) })}
        />
        <Button
          variant="tertiary"
          iconStart={<RiFilter3Line />}
          aria-expanded={showsMore}
          onPress={() => setShowsMore(!showsMore)}
        >
          {used ? `More filters (${used})` : 'More filters'}
        </Button>
      </div>
      {state.range === OWN_DAYS && (
        <OwnDays from={state.from} to={state.to} onChange={onChange} />
      )}
      {showsMore && (
        <div className={styles.moreFilters}>
          <EntityPicker
            key={`person ${state.person}`}
            label={t('entryFilters.person')}
            description={t('entryFilters.namedAnywhereInTheEntry')}
            kinds={['User']}
            value={state.person}
            onChange={person => onChange({ person })}
          />
          <EntityPicker
            key={`actor ${state.actor}`}
            label={t('entryFilters.doneBy')}
            description={t('entryFilters.anAgentAPersonOr')}
            kinds={['Agent', 'User']}
            value={state.actor}
            onChange={actor => onChange({ actor })}
          />
          <Exactly
            key={`resource ${state.resource}`}
            label={t('entryFilters.resource')}
            description={t('entryFilters.itsWholeNameSuchAs')}
            value={state.resource}
            onChange={resource => onChange({ resource })}
          />
          <Exactly
            key={`run ${state.run}`}
            label={t('entryFilters.run')}
            description={t('entryFilters.itsId')}
            value={state.run}
            onChange={run => onChange({ run })}
          />
        </div>
      )}
    </div>
  );
}

function optionsOf(
  words: Record<string, string>,
  counted: AuditStats['types'] | undefined,
) {
  const counts = new Map(counted?.map(each => [each.value, each.entries]));
  return Object.entries(words).map(([id, label]) => ({
    id,
    label: counted ? withCount(label, counts.get(id) ?? 0) : label,
  }));
}

/** The agent that is chosen is there, whatever it did in this time. */
function agentsOf(chosen: string, facets: AuditStats | undefined) {
  const agents: Array<{ value: string; entries?: number }> =
    facets?.agents ?? [];
  return chosen && !agents.some(({ value }) => value === chosen)
    ? [{ value: chosen }, ...agents]
    : agents;
}

function withCount(label: string, entries?: number): string {
  return entries === undefined ? label : `${label} (${formatCount(entries)})`;
}

type RangeValue = ComponentProps<typeof DateRangePicker>['value'];

function OwnDays(props: {
  from: string;
  to: string;
  onChange: EntryFiltersProps['onChange'];
}) {
  const { t } = useTranslationRef(governanceTranslationRef);
  return (
    <DateRangePicker
      label={t('entryFilters.daysUtcTheFirstAnd')}
      className={styles.days}
      value={readDays(props.from, props.to)}
      onChange={days =>
        days &&
        props.onChange({
          from: days.start.toString().slice(0, 10),
          to: days.end.toString().slice(0, 10),
        })
      }
    />
  );
}

function readDays(from: string, to: string): RangeValue {
  const read = (day: string): CalendarDate | undefined => {
    try {
      return parseDate(day);
    } catch {
      return undefined;
    }
  };
  const [start, end] = [read(from), read(to)];
  return start && end ? { start, end } : null;
}

/** A text that counts when the field is left or Enter is pressed, because a part of it finds nothing. */
function Exactly(props: {
  label: string;
  description: string;
  value: string;
  onChange(value: string): void;
}) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const [typed, setTyped] = useState(props.value);
  const apply = () =>
    typed.trim() !== props.value && props.onChange(typed.trim());
  return (
    <TextField
      label={props.label}
      description={props.description}
      placeholder={t('entryFilters.any')}
      value={typed}
      onChange={setTyped}
      onBlur={apply}
      onKeyDown={event => event.key === 'Enter' && apply()}
    />
  );
}
