import { formatCount, formatNanoUsd } from '@agentportal/plugin-agents-react';
import type { CostSums } from '@agentportal/plugin-models-common';
import { Focusable, Tooltip, TooltipTrigger } from '@backstage/ui';
import styles from './CostPage.module.css';

/** What was not spent, and why; what that means is a hover away. */
export function Savings({ totals }: { totals: CostSums }) {
  const { cachedCalls, savedNanoUsd } = totals;
  const kinds = [
    {
      label: 'Cache',
      value: savedNanoUsd.cache,
      hint: `${formatCount(
        cachedCalls,
      )} calls were answered from memory. Counted is what those answers cost when they were made.`,
    },
    {
      label: 'Routing',
      value: savedNanoUsd.routing,
      hint: 'Against the dearest model of each route: what the same tokens would have cost there.',
    },
    {
      label: 'Compression',
      value: savedNanoUsd.compression,
      hint: 'Input that was not sent because it said something twice, at the price of the model that was called.',
    },
  ];
  return (
    <div className={styles.savings} role="group" aria-label="Saved">
      <span className={styles.savingsTitle}>Saved</span>
      {kinds.map(({ label, value, hint }) => (
        <TooltipTrigger key={label} delay={200}>
          <Focusable>
            <button type="button" className={styles.saving}>
              <span>{label}</span>
              <span>{formatNanoUsd(value)}</span>
            </button>
          </Focusable>
          <Tooltip>{hint}</Tooltip>
        </TooltipTrigger>
      ))}
    </div>
  );
}
