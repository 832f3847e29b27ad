import {
  CardSkeleton,
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import type { CostDimension } from '@agentportal/plugin-models-common';
import { Select, VisuallyHidden } from '@backstage/ui';
import { CostChart } from './CostChart';
import { CostTable } from './CostTable';
import { DIMENSIONS } from './dimensions';
import { ExportMenu } from './ExportMenu';
import { MoneyTiles } from './MoneyTiles';
import { PERIODS, periodBeforeWords, periodOf } from './period';
import { Savings } from './Savings';
import { useCosts } from './useCosts';
import type { CostFilter } from './useCosts';
import styles from './CostPage.module.css';

interface CostViewProps {
  /** Dimensions to choose from, the first one shown first. */
  dimensions: CostDimension[];
  filter?: CostFilter;
  /** What a month may cost, where that is known without the gateway. */
  monthlyBudgetNanoUsd?: number;
  /** Said where there is nothing yet. */
  emptyText: string;
}

const EVERYTHING: CostFilter = {};

/** A line across the days of a chart needs an even share. */
const DAYS_OF_MONTH = 30;

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
  const label =
    PERIODS.find(each => each.id === period)?.label.toLowerCase() ?? '';
  const budget = value?.forecast?.budgetNanoUsd ?? props.monthlyBudgetNanoUsd;

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
            )?.label.toLocaleLowerCase('en')}`,
          }))}
          onChange={key => update({ by: String(key) })}
        />
        <div className={styles.export}>
          <ExportMenu
            span={value?.span ?? periodOf(period, new Date())}
            dimension={dimension}
            filter={props.filter ?? EVERYTHING}
            items={value?.groups}
            before={value?.before}
          />
        </div>
      </div>

      {value?.visible === 'own' && (
        <p className={styles.own}>
          Only calls that you may see are counted here: your own, and those of
          agents and keys that you answer for.
        </p>
      )}
      <MoneyTiles
        label={label}
        totals={value?.totals}
        totalsBefore={value?.totalsBefore}
        against={periodBeforeWords(period)}
        forecast={value?.forecast}
        isMonth={period === 'month'}
        monthlyBudgetNanoUsd={budget}
      />

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
          <Savings totals={value.totals} />
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
              budget === undefined ? undefined : budget / 1e9 / DAYS_OF_MONTH
            }
          />
          <CostTable
            dimension={dimension}
            items={value.groups}
            before={value.before}
            titles={value.titles}
            against={periodBeforeWords(period)}
          />
        </>
      )}
    </div>
  );
}

function known<T extends string>(choices: readonly T[], wanted: string): T {
  return choices.find(choice => choice === wanted) ?? choices[0];
}
