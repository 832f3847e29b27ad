import {
  ErrorPanel,
  Sparkline,
  StatTile,
  formatDuration,
  formatNanoUsd,
  formatPercent,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { agentsTranslationRef } from '../translation';
import { agentActivityApiRef } from '../api';
import { Section } from './Section';
import { trendOf } from './trend';
import styles from './overview.module.css';

const DAYS = 14;
const PERIOD = `last ${DAYS} days`;

/** How the agent fares: the numbers that its owner is asked about. */
export function HealthSection(props: { agentRef: string }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { agentRef } = props;
  const api = useApi(agentActivityApiRef);
  const stats = useLoad(`stats ${agentRef}`, async signal => {
    const [twice, once] = await Promise.all([
      api.getStats([agentRef], { days: 2 * DAYS, signal }),
      api.getStats([agentRef], { days: DAYS, signal }),
    ]);
    const wide = twice.get(agentRef);
    return {
      trend: wide && trendOf(wide, DAYS),
      medianDurationMs: once.get(agentRef)?.medianDurationMs,
    };
  });
  const cost = useLoad(`cost ${agentRef}`, async signal =>
    (await api.getMonthCosts([agentRef], { signal })).get(agentRef),
  );

  if (stats.error && !stats.value) {
    return (
      <Section title={t('healthSection.howItIsDoing')}>
        <ErrorPanel
          title={t('healthSection.theNumbersCouldNotBe')}
          error={stats.error}
          onRetry={stats.reload}
        />
      </Section>
    );
  }
  const trend = stats.value?.trend;
  const isPending = !stats.value;
  // A run that waits or goes on is on the chart beside it.
  const noRate = t(
    trend?.totalRuns ? 'healthSection.noneHasEnded' : 'healthSection.noRuns',
  );
  return (
    <Section title={t('healthSection.howItIsDoing')}>
      <p className={styles.quiet}>{t('healthSection.ofTheRunsAndCalls')}</p>
      <div className={styles.stats}>
        <StatTile
          label={t('healthSection.successRate')}
          period={PERIOD}
          isPending={isPending}
          value={
            trend?.successRate === undefined
              ? undefined
              : formatPercent(trend.successRate)
          }
          change={trend?.successChange}
          goodWhen="up"
          emptyText={noRate}
          chart={
            trend && (
              <Sparkline
                width={110}
                label={`Runs per day, ${PERIOD}`}
                values={trend.runs}
                failures={trend.failed}
              />
            )
          }
        />
        <StatTile
          label={t('healthSection.medianTime')}
          period={PERIOD}
          isPending={isPending}
          value={
            stats.value?.medianDurationMs === undefined
              ? undefined
              : formatDuration(stats.value.medianDurationMs)
          }
          emptyText={noRate}
        />
        <StatTile
          label={t('healthSection.cost')}
          period="this month, UTC"
          isPending={!cost.error && cost.isPending}
          value={
            cost.value === undefined ? undefined : formatNanoUsd(cost.value)
          }
          emptyText={cost.error ? 'Could not be loaded' : 'Not known'}
        />
      </div>
    </Section>
  );
}
