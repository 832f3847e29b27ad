import {
  EntityLink,
  formatCount,
  formatNanoUsd,
  formatPercent,
  formatTokens,
} from '@agentportal/plugin-agents-react';
import type {
  CostDimension,
  CostItem,
} from '@agentportal/plugin-models-common';
import { Text } from '@backstage/ui';
import { KeyName } from '../keys/KeyName';
import { DIMENSIONS, nameOfGroup } from './dimensions';
import styles from './CostPage.module.css';

interface CostTableProps {
  dimension: CostDimension;
  items: CostItem[];
  /** The same groups in the period before, for the change. */
  before: CostItem[];
  /** Names of groups, where they are known. */
  titles?: ReadonlyMap<string, string>;
  /** What they are compared with. */
  against: string;
}

/** Who or what the money went to, and how that changed. */
export function CostTable(props: CostTableProps) {
  const { against, before, dimension, items } = props;
  // The days before are other days: there is nothing to compare one with.
  const hasChange = dimension !== 'day';
  const known = DIMENSIONS.find(candidate => candidate.id === dimension);
  const previous = new Map(before.map(item => [item.key, item.costNanoUsd]));
  const total = items.reduce((sum, item) => sum + item.costNanoUsd, 0);
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{known?.label}</th>
            <th scope="col" data-align="right">
              Cost
            </th>
            <th scope="col" data-align="right">
              Share
            </th>
            {hasChange && (
              <th scope="col" data-align="right" title={`Against ${against}`}>
                Change
              </th>
            )}
            <th scope="col" data-align="right">
              Calls
            </th>
            <th scope="col" data-align="right" data-wide-only>
              Tokens in · out
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map(item => (
            <tr key={item.key || 'none'}>
              <td>
                {item.key && dimension === 'key' && (
                  <KeyName id={item.key} title={props.titles?.get(item.key)} />
                )}
                {item.key && known?.isEntity && (
                  <EntityLink
                    entityRef={item.key}
                    withAvatar={dimension === 'agent'}
                  />
                )}
                {!(item.key && (known?.isEntity || dimension === 'key')) && (
                  <Text
                    color={item.key ? 'primary' : 'secondary'}
                    title={item.key ? undefined : known?.noneHint}
                  >
                    {nameOfGroup(dimension, item.key)}
                  </Text>
                )}
              </td>
              <td data-align="right">{formatNanoUsd(item.costNanoUsd)}</td>
              <td data-align="right">
                {total ? formatPercent(item.costNanoUsd / total) : '–'}
              </td>
              {hasChange && (
                <td data-align="right">
                  {changeOf(item.costNanoUsd, previous.get(item.key))}
                </td>
              )}
              <td data-align="right">{formatCount(item.calls)}</td>
              <td data-align="right" data-wide-only>
                {formatTokens(item.inputTokens)} ·{' '}
                {formatTokens(item.outputTokens)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function changeOf(now: number, before: number | undefined) {
  if (before === 0 && now === 0) return 'same';
  if (!before) return 'new';
  const change = now / before - 1;
  if (Math.abs(change) < 0.005) return 'same';
  return `${change > 0 ? '▲' : '▼'} ${formatPercent(Math.abs(change))}`;
}
