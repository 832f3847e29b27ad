import {
  EmptyHint,
  ErrorPanel,
  CardSkeleton,
  RowsSkeleton,
  isNotFound,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import { evalsTranslationRef } from '../translation';
import { AlarmsSection } from '../alarms/AlarmsSection';
import { AutonomySection } from '../autonomy/AutonomySection';
import { evalsApiRef } from '../api/evalsApiRef';
import { useMayRead } from '../api/useMayDo';
import { FailuresSection } from '../proposals/FailuresSection';
import { Checks } from './Checks';
import { DecisionSection } from './DecisionSection';
import { Figures } from './Figures';
import { LevelHistory } from './LevelHistory';
import { Standing } from './Standing';
import layout from '../layout/layout.module.css';

/** How good an agent is, what that rests on, and what would make it better. */
export function ScorecardTab() {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { entity } = useEntity();
  const agentRef = stringifyEntityRef(entity);
  const api = useApi(evalsApiRef);
  const mayRead = useMayRead(agentRef);
  const loaded = useLoad(agentRef, signal =>
    api.getScorecard(agentRef, { signal }),
  );
  const { error, reload, value } = loaded;
  if (!value && error && isNotFound(error)) {
    return (
      <EmptyHint title={t('agentScorecard.noScorecardYet')}>
        {t('agentScorecard.itIsMadeWithinA')}
      </EmptyHint>
    );
  }
  if (!value && error) {
    return (
      <ErrorPanel
        title={t('agentScorecard.theScorecardCouldNotBe')}
        error={error}
        onRetry={reload}
      />
    );
  }
  if (!value) {
    return (
      <div className={layout.page}>
        <CardSkeleton height={140} />
        <RowsSkeleton rows={6} />
      </div>
    );
  }
  return (
    <div className={layout.page}>
      <Standing scorecard={value} />
      {mayRead === 'yes' && <AlarmsSection agentRef={agentRef} />}
      <Figures kpis={value.kpis ?? []} />
      <Checks checks={value.checks} />
      {mayRead === 'yes' && <FailuresSection agentRef={agentRef} />}
      {mayRead === 'yes' && <AutonomySection agentRef={agentRef} />}
      <LevelHistory agentRef={agentRef} />
      <DecisionSection scorecard={value} onDecided={reload} />
    </div>
  );
}
