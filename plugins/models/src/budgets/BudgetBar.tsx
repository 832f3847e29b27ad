import { formatPercent } from '@agentportal/plugin-agents-react';
import type { BudgetSummary } from '@agentportal/plugin-models-common';
import { readableUsd } from './usd';
import styles from './budgets.module.css';

/** How much of a budget is spent and held, with a tick where owners are told. */
export function BudgetBar({ budget }: { budget: BudgetSummary }) {
  const { limitNanoUsd, softThresholds = [], usage } = budget;
  const { heldNanoUsd, spentNanoUsd } = usage;
  const share = (nano: number) =>
    limitNanoUsd > 0 ? Math.min(1, nano / limitNanoUsd) : 1;
  const taken = share(spentNanoUsd + heldNanoUsd);
  const text = `${readableUsd(spentNanoUsd)} USD spent${
    heldNanoUsd > 0
      ? ` and ${readableUsd(heldNanoUsd)} USD held for calls under way`
      : ''
  }, of ${readableUsd(limitNanoUsd)} USD`;
  const passed = softThresholds.filter(threshold => taken >= threshold);
  return (
    <div className={styles.meter}>
      <div
        className={styles.bar}
        role="meter"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(taken * 100)}
        aria-valuetext={text}
        aria-label="Used"
        title={text}
        data-level={levelOf(taken, passed.length)}
      >
        <div
          className={styles.spent}
          style={{ inlineSize: `${share(spentNanoUsd) * 100}%` }}
        />
        <div
          className={styles.held}
          style={{
            inlineSize: `${(taken - share(spentNanoUsd)) * 100}%`,
          }}
        />
        {softThresholds
          .filter(threshold => threshold < 1)
          .map(threshold => (
            <span
              key={threshold}
              className={styles.tick}
              style={{ insetInlineStart: `${threshold * 100}%` }}
            />
          ))}
      </div>
      <span className={styles.percent}>
        {formatPercent(
          limitNanoUsd > 0 ? (spentNanoUsd + heldNanoUsd) / limitNanoUsd : 1,
        )}
      </span>
    </div>
  );
}

function levelOf(taken: number, passed: number) {
  if (taken >= 1) return 'full';
  return passed > 0 ? 'near' : 'fine';
}
