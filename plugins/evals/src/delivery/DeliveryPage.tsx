import type { DeliveryList } from '@agentportal/plugin-evals-common';
import {
  EmptyHint,
  EntityLink,
  ErrorPanel,
  RowTable,
  RowsSkeleton,
  formatCount,
  formatDuration,
  formatPercent,
  nameOfRef,
  useLoad,
  useTitles,
  useUrlState,
  type Titles,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Container } from '@backstage/ui';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { IntervalBar } from '../figures/IntervalBar';
import { formatRange } from '../figures/units';
import { ChoiceFilter } from '../layout/ChoiceFilter';
import { useOwners } from '../portfolio/useOwners';
import layout from '../layout/layout.module.css';

type Delivery = DeliveryList['items'][number];

const STATE = { owner: '', days: '90' } as const;
const TIMES = [
  { id: '30', label: 'Last 30 days' },
  { id: '90', label: 'Last 90 days' },
  { id: '365', label: 'Last 365 days' },
];
const HOUR_MS = 3_600_000;
const UNKNOWN = 'not known';

const hours = (value: number) => formatDuration(value * HOUR_MS);

function FailureCell({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { changes, failed, failureRate, undecided } = delivery;
  const decided = changes - undecided;
  return (
    <td>
      {failureRate
        ? `${formatPercent(failureRate.value)} (${formatRange(
            failureRate.low,
            failureRate.high,
            'share',
          )})`
        : UNKNOWN}
      {failureRate && (
        <IntervalBar
          label={t('deliveryPage.failedChanges')}
          unit="share"
          {...failureRate}
        />
      )}
      <span className={layout.below}>
        {formatCount(failed)} of {formatCount(decided)}
        {undecided > 0 && `, ${formatCount(undecided)} not decided yet`}
      </span>
    </td>
  );
}

function DeliveryRow(props: { delivery: Delivery; titles: Titles }) {
  const { delivery, titles } = props;
  const { changes, leadTimeHours, ownerRef, perWeek, repairHours } = delivery;
  return (
    <tr>
      <th scope="row">
        <EntityLink
          entityRef={ownerRef}
          title={titles.get(ownerRef) ?? nameOfRef(ownerRef)}
        />
      </th>
      <td className={layout.number}>
        {formatCount(changes)}
        {perWeek !== undefined && (
          <span className={layout.below}>{perWeek.toFixed(1)} a week</span>
        )}
      </td>
      <td className={layout.number}>
        {leadTimeHours ? hours(leadTimeHours.p50) : UNKNOWN}
        {leadTimeHours && (
          <span className={layout.below}>
            90 % within {hours(leadTimeHours.p90)}
          </span>
        )}
      </td>
      <FailureCell delivery={delivery} />
      <td className={layout.number}>
        {repairHours ? hours(repairHours.p50) : UNKNOWN}
        {repairHours && (
          <span className={layout.below}>
            of {formatCount(repairHours.count)}
          </span>
        )}
      </td>
    </tr>
  );
}

/** How agents are changed, by owner: how often, how fast, with how much harm. */
export function DeliveryPage() {
  const { t } = useTranslationRef(evalsTranslationRef);
  const api = useApi(evalsApiRef);
  const [state, update] = useUrlState(STATE);
  const days = TIMES.some(({ id }) => id === state.days) ? state.days : '90';
  const { owner } = state;
  const { error, reload, value } = useLoad(`${owner} ${days}`, signal =>
    api.getDelivery(
      { ...(owner && { ownerRef: owner }), days: Number(days) },
      { signal },
    ),
  );
  const refs = value?.items.map(({ ownerRef }) => ownerRef);
  const titles = useTitles(refs);
  const owners = useOwners(refs ?? []);
  let content = <RowsSkeleton rows={6} />;
  if (error && !value) {
    content = (
      <ErrorPanel
        title={t('deliveryPage.theFiguresCouldNotBe')}
        error={error}
        onRetry={reload}
      />
    );
  } else if (value && value.items.length === 0) {
    content = (
      <EmptyHint title={t('deliveryPage.noAgentWasChangedIn')}>
        {t('deliveryPage.aChangeIsAnotherDefinition')}
      </EmptyHint>
    );
  } else if (value && titles) {
    content = (
      <RowTable
        isFramed
        columns={[
          { label: 'Owner' },
          { label: 'Changes' },
          { label: 'From proposed to in force' },
          { label: 'Changes that failed' },
          { label: 'Time to repair' },
        ]}
      >
        {value.items.map(delivery => (
          <DeliveryRow
            key={delivery.ownerRef}
            delivery={delivery}
            titles={titles}
          />
        ))}
      </RowTable>
    );
  }
  return (
    <Container className={layout.page}>
      <div className={layout.toolbar}>
        <ChoiceFilter
          label={t('deliveryPage.time')}
          choices={TIMES}
          value={days}
          onChange={next => update({ days: next })}
        />
        <ChoiceFilter
          label={t('deliveryPage.owner')}
          any="Any owner"
          choices={owners}
          value={owner}
          onChange={next => update({ owner: next })}
        />
      </div>
      {content}
      {value && value.items.length > 0 && (
        <p className={layout.quiet}>
          {t('deliveryPage.mediansAChangeFailedWhen')}
        </p>
      )}
    </Container>
  );
}
