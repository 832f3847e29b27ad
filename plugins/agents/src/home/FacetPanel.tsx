import { useState } from 'react';
import type {
  AgentFacetValue,
  AgentFacets,
} from '@agentportal/plugin-agents-common';
import { LinesSkeleton, nameOfRef } from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Checkbox } from '@backstage/ui';
import { agentsTranslationRef } from '../translation';
import { FACETS, type AgentFilters, type FacetKey } from './agentFilters';
import styles from './FacetPanel.module.css';

/** More values than this hide behind "Show all". */
const SHORT = 6;

/** A chosen value stays visible, also when nothing matches it any more. */
function withChosen(
  values: readonly AgentFacetValue[],
  chosen: readonly string[],
): AgentFacetValue[] {
  const known = new Set(values.map(({ value }) => value));
  const extra = chosen
    .filter(value => !known.has(value))
    .map(value => ({ value, count: 0 }));
  return [...values, ...extra];
}

function FacetGroup(props: {
  title: string;
  values: readonly AgentFacetValue[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}) {
  const { title, values, chosen, onChange } = props;
  const { t } = useTranslationRef(agentsTranslationRef);
  const [isLong, setIsLong] = useState(false);
  const all = withChosen(values, chosen);
  const shown = isLong
    ? all
    : all.filter((each, index) => index < SHORT || chosen.includes(each.value));
  if (all.length === 0) {
    return null;
  }
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{title}</legend>
      {shown.map(({ value, label, count }) => (
        <div key={value} className={styles.value}>
          <Checkbox
            isSelected={chosen.includes(value)}
            onChange={isSelected =>
              onChange(
                isSelected
                  ? [...chosen, value]
                  : chosen.filter(each => each !== value),
              )
            }
          >
            <span className={styles.label} title={value}>
              {label ?? nameOfRef(value)}
            </span>
          </Checkbox>
          <span className={styles.count}>{count}</span>
        </div>
      ))}
      {all.length > SHORT && (
        <Button
          size="small"
          variant="tertiary"
          onPress={() => setIsLong(before => !before)}
        >
          {isLong ? t('facets.fewer') : t('facets.all', { count: all.length })}
        </Button>
      )}
    </fieldset>
  );
}

/** Filters with counts. */
export function FacetPanel(props: {
  facets: AgentFacets | undefined;
  filters: AgentFilters;
  onChange: (key: FacetKey, chosen: string[]) => void;
}) {
  const { facets, filters, onChange } = props;
  const { t } = useTranslationRef(agentsTranslationRef);
  if (!facets) {
    return <LinesSkeleton lines={14} />;
  }
  return (
    <>
      {FACETS.map(({ key }) => (
        <FacetGroup
          key={key}
          title={t(`facets.${key}`)}
          values={facets[key]}
          chosen={filters[key]}
          onChange={chosen => onChange(key, chosen)}
        />
      ))}
    </>
  );
}
