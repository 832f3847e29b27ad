import {
  StatTile,
  formatCount,
  formatNanoUsd,
  formatTokens,
} from '@agentportal/plugin-agents-react';
import type { CostForecast, CostSums } from '@agentportal/plugin-models-common';
import styles from './CostPage.module.css';

interface MoneyTilesProps {
  /** "this month" */
  label: string;
  totals?: CostSums;
  totalsBefore?: CostSums;
  /** What the period is compared with. */
  against: string;
  /** Of the current month; only then there is one. */
  forecast?: CostForecast;
  isMonth: boolean;
  monthlyBudgetNanoUsd?: number;
}

/** The numbers above the fold: spent, expected, allowed, and for what. */
export function MoneyTiles(props: MoneyTilesProps) {
  const { against, forecast, isMonth, label, totals, totalsBefore } = props;
  const spent = totals?.costNanoUsd ?? 0;
  const spentBefore = totalsBefore?.costNanoUsd ?? 0;
  const isPending = !totals;
  const budget = props.monthlyBudgetNanoUsd;
  return (
    <div className={styles.tiles}>
      <StatTile
        label="Cost"
        period={label}
        value={formatNanoUsd(spent)}
        change={spentBefore ? spent / spentBefore - 1 : undefined}
        changeAgainst={against}
        goodWhen="down"
        isPending={isPending}
      />
      {isMonth && (
        <div title={forecast?.method.text}>
          <StatTile
            label="Forecast"
            period="by month end"
            value={
              forecast?.forecastNanoUsd === undefined
                ? undefined
                : formatNanoUsd(forecast.forecastNanoUsd)
            }
            emptyText="Not enough days yet"
            isPending={isPending}
          />
          {!isPending && forecast && (
            <div className={styles.range}>
              {forecast.lowNanoUsd === undefined ||
              forecast.highNanoUsd === undefined
                ? forecast.method.text
                : `likely ${formatNanoUsd(
                    forecast.lowNanoUsd,
                  )} to ${formatNanoUsd(forecast.highNanoUsd)}`}
            </div>
          )}
        </div>
      )}
      {budget !== undefined && (
        <div>
          <StatTile
            label="Budget"
            period="each month"
            value={formatNanoUsd(budget)}
            isPending={isPending}
          />
          {forecast && !isPending && (
            <div className={styles.range}>{outlook(forecast, budget)}</div>
          )}
        </div>
      )}
      <StatTile
        label="Model calls"
        period={label}
        value={formatCount(totals?.calls ?? 0)}
        isPending={isPending}
      />
      <StatTile
        label="Tokens"
        period={`in · out, ${label}`}
        value={`${formatTokens(totals?.inputTokens ?? 0)} · ${formatTokens(
          totals?.outputTokens ?? 0,
        )}`}
        isPending={isPending}
      />
    </div>
  );
}

/** Whether the budget will do, as far as one can tell. */
function outlook(forecast: CostForecast, budget: number): string {
  const { forecastNanoUsd, highNanoUsd, monthToDateNanoUsd } = forecast;
  if (monthToDateNanoUsd >= budget) return 'used up';
  if (forecastNanoUsd === undefined || highNanoUsd === undefined) {
    return `${formatNanoUsd(budget - monthToDateNanoUsd)} left`;
  }
  if (forecastNanoUsd > budget) {
    return `expected to run out: ${formatNanoUsd(
      forecastNanoUsd - budget,
    )} short`;
  }
  return highNanoUsd > budget ? 'may run out' : 'expected to do';
}
