import {
  CardSkeleton,
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  StatTile,
  formatCount,
  formatNanoUsd,
  formatTokens,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import type { CostDimension } from '@agentportal/plugin-models-common';
import { Select, VisuallyHidden } from '@backstage/ui';
import { CostChart } from './CostChart';
import { CostTable } from './CostTable';
import { DIMENSIONS } from './dimensions';
import { PERIODS, forecastOfMonth } from './period';
import { useCosts } from './useCosts';
import type { CostFilter } from './useCosts';
import styles from './CostPage.module.css';

interface CostViewProps {
  /** Dimensions to choose from, the first one shown first. */
  dimensions: CostDimension[];
  filter?: CostFilter;
  /** What a month may cost, in US dollars. */
  monthlyBudgetUsd?: number;
  /** Said where there is nothing yet. */
  emptyText: string;
}

const EVERYTHING: CostFilter = {};

const STATE = { period: 'month', by: '' };

/** Money spent in a period: the sum, its course, and where it went. */
export function CostView(props: CostViewProps) {
  const [state, update] = useUrlState(STATE);
  const period = known(
    PERIODS.map(each => each.id),
    state.period,
  );
  const dimension = known(props.dimensions, state.by);
  const costs = useCosts(period, dimension, props.filter ?? EVERYTHING);
  const { value } = costs;

  if (costs.error && !value) {
    return (
      <ErrorPanel
        title="The costs could not be read"
        error={costs.error}
        safe="Every call is still counted; only this view is missing."
        onRetry={costs.reload}
      />
    );
  }
  const label = PERIODS.find(each => each.id === period)?.label.toLowerCase();
  const spent = value?.totals.costNanoUsd ?? 0;
  const spentBefore = value?.totalsBefore.costNanoUsd ?? 0;
  const change = spentBefore ? spent / spentBefore - 1 : undefined;

  return (
    <div className={styles.view}>
      <div className={styles.switches}>
        <Select
          aria-label="Period"
          value={period}
          options={PERIODS.map(each => ({ value: each.id, label: each.label }))}
          onChange={key => update({ period: String(key) })}
        />
        <Select
          aria-label="Look at it by"
          value={dimension}
          options={props.dimensions.map(id => ({
            value: id,
            label: `By ${DIMENSIONS.find(
              each => each.id === id,
            )?.label.toLowerCase()}`,
          }))}
          onChange={key => update({ by: String(key) })}
        />
      </div>

      <div className={styles.tiles}>
        <StatTile
          label="Cost"
          period={label}
          value={formatNanoUsd(spent)}
          change={change}
          goodWhen="down"
          isPending={!value}
        />
        {period === 'month' && (
          <StatTile
            label="Forecast"
            period="by the end of the month"
            value={formatNanoUsd(forecastOfMonth(spent, new Date()))}
            isPending={!value}
          />
        )}
        {props.monthlyBudgetUsd !== undefined && (
          <StatTile
            label="Budget"
            period="each month"
            value={formatNanoUsd(Math.round(props.monthlyBudgetUsd * 1e9))}
          />
        )}
        <StatTile
          label="Model calls"
          period={label}
          value={formatCount(value?.totals.calls ?? 0)}
          isPending={!value}
        />
        <StatTile
          label="Tokens"
          period={`in · out, ${label}`}
          value={`${formatTokens(
            value?.totals.inputTokens ?? 0,
          )} · ${formatTokens(value?.totals.outputTokens ?? 0)}`}
          isPending={!value}
        />
      </div>

      {!value && (
        <>
          <CardSkeleton height={330} />
          <div className={styles.pending}>
            <RowsSkeleton rows={5} rowHeight={36} />
          </div>
        </>
      )}
      {value && value.totals.calls === 0 && (
        <EmptyHint title="No model was called in this time">
          {props.emptyText}
        </EmptyHint>
      )}
      {value && value.totals.calls > 0 && (
        <>
          <VisuallyHidden>
            <h2>Where it went</h2>
          </VisuallyHidden>
          <CostChart
            title={
              value.series.measure === 'cost' ? 'Cost by day' : 'Tokens by day'
            }
            description={
              value.series.measure === 'tokens'
                ? 'All calls of this time were free. Days begin at midnight UTC.'
                : 'In US dollars; days begin at midnight UTC.'
            }
            series={value.series}
            dailyBudgetUsd={
              props.monthlyBudgetUsd === undefined
                ? undefined
                : props.monthlyBudgetUsd / 30
            }
          />
          <CostTable
            dimension={dimension}
            items={value.groups}
            before={value.before}
          />
        </>
      )}
    </div>
  );
}

function known<T extends string>(choices: readonly T[], wanted: string): T {
  return choices.find(choice => choice === wanted) ?? choices[0];
}
