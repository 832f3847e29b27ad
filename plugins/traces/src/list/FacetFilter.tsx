import {
  nameOfRef,
  useLoad,
  useTitles,
} from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { Select } from '@backstage/ui';
import { tracesApiRef } from '../api/tracesApiRef';
import { toSeriesQuery, TRACES_STATE, type TraceFilters } from './traceFilters';

const ANY = 'any';
const SHOWN = 20;

/** A choice out of a list that begins with "any". */
export function ChoiceFilter(props: {
  label: string;
  /** The first choice, where there need be none: "Any agent". */
  any?: string;
  choices: ReadonlyArray<{ id: string; label: string }>;
  value: string;
  /** How a value is called that is none of the choices. */
  wordsOf?: (value: string) => string;
  onChange: (value: string) => void;
}) {
  const { any, choices, label, onChange, value, wordsOf } = props;
  const options = [...(any ? [{ id: ANY, label: any }] : []), ...choices];
  if (value && !options.some(({ id }) => id === value)) {
    options.push({ id: value, label: wordsOf?.(value) ?? value });
  }
  return (
    <Select
      aria-label={label}
      size="small"
      options={options}
      value={value || ANY}
      onChange={key => onChange(key === ANY ? '' : String(key ?? ''))}
    />
  );
}

/** Chooses one of the agents, owners, models or tools that had most to do in the time. */
export function FacetFilter(props: {
  label: string;
  any: string;
  groupBy: 'agent' | 'owner' | 'model' | 'tool';
  filters: TraceFilters;
  onChange: (value: string) => void;
}) {
  const { any, filters, groupBy, label, onChange } = props;
  const api = useApi(tracesApiRef);
  const { from, time, to, within } = filters;
  const period = { from, time, to, within };
  const groups = useLoad(`${groupBy} ${JSON.stringify(period)}`, signal =>
    api.getSeries(
      {
        ...toSeriesQuery({ ...TRACES_STATE, ...period }, Date.now()),
        points: 1,
        kind: groupBy === 'agent' || groupBy === 'owner' ? 'trace' : groupBy,
        groupBy,
        limit: SHOWN,
      },
      { signal },
    ),
  );
  const value = filters[groupBy];
  const keys = new Set(groups.value?.items.flatMap(({ key }) => key ?? []));
  if (value) {
    keys.add(value);
  }
  const titles = useTitles([...keys]);
  return (
    <ChoiceFilter
      label={label}
      any={any}
      choices={[...keys].map(id => ({
        id,
        label: titles?.get(id) ?? nameOfRef(id),
      }))}
      value={value}
      onChange={onChange}
    />
  );
}
