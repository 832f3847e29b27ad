import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { Kpi } from '@agentportal/plugin-evals-common';
import {
  RowTable,
  Sparkline,
  StatTile,
  formatCount,
} from '@agentportal/plugin-agents-react';
import { evalsTranslationRef } from '../translation';
import { EvidenceLink } from '../layout/EvidenceLink';
import { Section } from '../layout/Section';
import { formatRange, formatValue } from '../figures/units';
import layout from '../layout/layout.module.css';
import styles from './scorecard.module.css';

type Day = NonNullable<Kpi['trend']>[number];

function changeOf({ before, value }: Kpi): number | undefined {
  return value !== undefined && before ? value / before - 1 : undefined;
}

function restsOn(kpi: Kpi): string {
  const { high, low, samples, unit } = kpi;
  const parts: string[] = [];
  if (low !== undefined && high !== undefined) {
    parts.push(formatRange(low, high, unit));
  }
  if (samples !== undefined) {
    parts.push(`of ${formatCount(samples)}`);
  }
  return parts.join(', ');
}

function Figure({ kpi }: { kpi: Kpi }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { better, title, trend = [], unit, value } = kpi;
  const values = trend.flatMap(day => day.value ?? []);
  return (
    <div>
      <StatTile
        label={title}
        value={value === undefined ? undefined : formatValue(value, unit)}
        change={changeOf(kpi)}
        changeAgainst="before"
        goodWhen={better === 'higher' ? 'up' : 'down'}
        emptyText="Nothing yet"
        chart={
          // One day is no course.
          values.length > 1 && (
            <Sparkline
              width={64}
              kind="line"
              label={`${title} by day`}
              values={values}
            />
          )
        }
      />
      <p className={layout.quiet}>{value !== undefined && restsOn(kpi)}</p>
      <p className={layout.quiet}>
        <EvidenceLink path={kpi.link}>
          {t('figures.seeTheEvidence')}
        </EvidenceLink>
      </p>
    </div>
  );
}

/** The days on which any figure has something, the newest first. */
function daysOf(kpis: readonly Kpi[]): string[] {
  const days = kpis.flatMap(({ trend = [] }) =>
    trend.filter(({ value }) => value !== undefined).map(({ day }) => day),
  );
  return [...new Set(days)].sort().reverse();
}

function Cell({ day, unit }: { day: Day | undefined; unit: Kpi['unit'] }) {
  return (
    <td className={layout.number}>
      {day?.value === undefined ? '–' : formatValue(day.value, unit)}
    </td>
  );
}

/** Quality, satisfaction, speed, cost and safety, each with what it rests on. */
export function Figures({ kpis }: { kpis: readonly Kpi[] }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const days = daysOf(kpis);
  if (kpis.length === 0) {
    return null;
  }
  return (
    <Section title={t('figures.figuresOfTheLast30')}>
      <div className={styles.figures}>
        {kpis.map(kpi => (
          <Figure key={kpi.id} kpi={kpi} />
        ))}
      </div>
      {days.length > 0 && (
        <details className={layout.asTable}>
          <summary>
            <span>{t('figures.seeTheNumbersByDay')}</span>
          </summary>
          <RowTable
            columns={[
              { label: 'Day' },
              ...kpis.map(({ title }) => ({ label: title })),
            ]}
          >
            {days.map(day => (
              <tr key={day}>
                <th scope="row" className={layout.nowrap}>
                  {day}
                </th>
                {kpis.map(kpi => (
                  <Cell
                    key={kpi.id}
                    unit={kpi.unit}
                    day={kpi.trend?.find(each => each.day === day)}
                  />
                ))}
              </tr>
            ))}
          </RowTable>
        </details>
      )}
    </Section>
  );
}
