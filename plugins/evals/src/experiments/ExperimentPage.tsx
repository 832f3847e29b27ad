import type { Experiment } from '@agentportal/plugin-evals-common';
import {
  ComparedWords,
  ConfirmDialog,
  EntityLink,
  ErrorPanel,
  LinesSkeleton,
  RelativeTime,
  RowTable,
  RowsSkeleton,
  Sentence,
  compareWords,
  formatCount,
  formatPercent,
  isNotFound,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  BreadcrumbEntry,
  RouterLink,
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { Alert, Button, Container, TextAreaField } from '@backstage/ui';
import { useMemo, useState } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { useMayManage } from '../api/useMayDo';
import { ForestPlot } from '../figures/ForestPlot';
import { VerdictLine } from '../figures/VerdictLine';
import { AgentLink } from '../layout/AgentLink';
import { PageHead } from '../layout/PageHead';
import { Section } from '../layout/Section';
import { experimentRouteRef, experimentsRouteRef } from '../routes';
import { ExperimentStatusMark } from './ExperimentTable';
import { DaysChart } from './DaysChart';
import { METRICS, isShare } from './metrics';
import layout from '../layout/layout.module.css';
import comparison from '../comparison/comparison.module.css';

const ARMS = {
  'in-force': 'Version in force',
  candidate: 'Changed version',
} as const;

function StopDialog(props: {
  experiment: Experiment;
  onStopped: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { experiment, onClose, onStopped } = props;
  const api = useApi(evalsApiRef);
  const [reason, setReason] = useState('');
  return (
    <ConfirmDialog
      title={t('experimentPage.stopTheExperiment')}
      action={t('experimentPage.giveEverybodyTheVersionIn')}
      keep="Let it run"
      failure={t('experimentPage.itCouldNotBeStopped')}
      isIncomplete={!reason.trim()}
      onConfirm={async () => {
        await api.stopExperiment(experiment.id, { reason: reason.trim() });
        onStopped();
        onClose();
      }}
      onClose={onClose}
    >
      <TextAreaField
        label={t('experimentPage.why')}
        isRequired
        rows={3}
        maxLength={1000}
        value={reason}
        onChange={setReason}
      />
    </ConfirmDialog>
  );
}

function Arms({ experiment }: { experiment: Experiment }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { arms, sampleRatio } = experiment;
  return (
    <Section title={t('experimentPage.whoGotWhat')}>
      <RowTable
        columns={[{ label: 'Version' }, { label: 'People' }, { label: 'Runs' }]}
      >
        {arms.map(({ arm, people, runs }) => (
          <tr key={arm}>
            <th scope="row">{ARMS[arm]}</th>
            <td className={layout.number}>{formatCount(people)}</td>
            <td className={layout.number}>{formatCount(runs)}</td>
          </tr>
        ))}
      </RowTable>
      {sampleRatio?.ok && arms.every(({ people }) => people > 0) && (
        <p className={layout.quiet}>
          People were shared out as they should be (p{' '}
          {sampleRatio.pValue.toPrecision(2)}).
        </p>
      )}
    </Section>
  );
}

function Changed({ experiment }: { experiment: Experiment }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { agentRef, candidate } = experiment;
  const { instructions, model } = candidate;
  const catalogApi = useApi(catalogApiRef);
  const entity = useLoad(
    instructions === undefined ? undefined : `instructions ${agentRef}`,
    () => catalogApi.getEntityByRef(agentRef),
  );
  const inForce = entity.value?.spec?.instructions;
  const stretches = useMemo(
    () =>
      typeof inForce === 'string' && instructions !== undefined
        ? compareWords(inForce, instructions)
        : undefined,
    [inForce, instructions],
  );
  return (
    <Section title={t('experimentPage.whatIsChanged')}>
      {model && (
        <p className={layout.words}>
          Model: <EntityLink entityRef={model} />
        </p>
      )}
      {stretches && (
        <div className={comparison.columns}>
          <ComparedWords
            title={t('experimentPage.instructionsInForce')}
            side="left"
            stretches={stretches}
          />
          <ComparedWords
            title={t('experimentPage.instructionsChanged')}
            side="right"
            stretches={stretches}
          />
        </div>
      )}
    </Section>
  );
}

function Log({ log }: Pick<Experiment, 'log'>) {
  const { t } = useTranslationRef(evalsTranslationRef);
  return (
    <Section title={t('experimentPage.whatWasDecided')}>
      <RowTable
        columns={[{ label: 'When' }, { label: 'What' }, { label: 'By' }]}
      >
        {log.map(({ at, by, what }, index) => (
          // Two entries may be of one moment, and are never reordered.
          // eslint-disable-next-line react/no-array-index-key
          <tr key={index}>
            <td className={layout.nowrap}>
              <RelativeTime value={at} />
            </td>
            <td>
              <Sentence text={what} />
            </td>
            <td>{by ? <EntityLink entityRef={by} /> : 'by itself'}</td>
          </tr>
        ))}
      </RowTable>
    </Section>
  );
}

/** One experiment: what can be said, who got what, and what was decided. */
export function ExperimentPage({ id }: { id: string }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const api = useApi(evalsApiRef);
  const listRoute = useRouteRef(experimentsRouteRef);
  const pageRoute = useRouteRef(experimentRouteRef);
  const { error, reload, value } = useLoad(id, signal =>
    api.getExperiment(id, { signal }),
  );
  const mayManage = useMayManage(value?.agentRef);
  const [isStopping, setStopping] = useState(false);
  if (!value) {
    return (
      <Container className={layout.page}>
        {error ? (
          <ErrorPanel
            title={
              isNotFound(error)
                ? 'There is no such experiment'
                : 'The experiment could not be loaded'
            }
            error={error}
            safe={t('experimentPage.ifItRunsItGoes')}
            onRetry={reload}
            actions={
              listRoute && (
                <RouterLink href={listRoute()}>
                  {t('experimentPage.allExperiments')}
                </RouterLink>
              )
            }
          />
        ) : (
          <>
            <LinesSkeleton lines={3} />
            <RowsSkeleton rows={6} />
          </>
        )}
      </Container>
    );
  }
  const { metrics, sampleRatio, status } = value;
  return (
    <BreadcrumbEntry
      entry={{
        label: value.title,
        href: pageRoute?.({ experimentId: id }) ?? '',
      }}
    >
      <Container className={layout.page}>
        <PageHead
          title={value.title}
          actions={
            status === 'running' &&
            mayManage && (
              <Button variant="secondary" onPress={() => setStopping(true)}>
                {t('experimentPage.stop')}
              </Button>
            )
          }
        >
          <ExperimentStatusMark status={status} />
          <AgentLink agentRef={value.agentRef} />
          <span>
            {formatPercent(value.share)} of those who ask
            {value.ramp && ', growing while nothing is harmed'}
          </span>
          <span>
            decided by:{' '}
            {METRICS.find(({ id: metric }) => metric === value.metric)?.label}
          </span>
          <span>
            begun <RelativeTime value={value.startedAt} /> by{' '}
            <EntityLink entityRef={value.startedBy} />
          </span>
          {value.endedAt && (
            <span>
              ended <RelativeTime value={value.endedAt} />
            </span>
          )}
        </PageHead>
        {sampleRatio && !sampleRatio.ok ? (
          <Alert
            status="warning"
            icon
            title={t('experimentPage.nothingCanBeConcluded')}
            description={`People were not shared out as they should be (p ${sampleRatio.pValue.toPrecision(
              2,
            )}), so the versions cannot be compared. Look for what keeps some of them away.`}
          />
        ) : (
          <VerdictLine verdict={value.verdict} />
        )}
        {value.hypothesis && <p className={layout.words}>{value.hypothesis}</p>}
        <p className={layout.quiet}>
          You may look at any time: the intervals reckon with it. The smallest
          difference that matters is{' '}
          {isShare(value.metric)
            ? `${Math.round(value.smallestDifference * 100)} points`
            : formatPercent(value.smallestDifference)}
          .
        </p>
        {metrics.length > 0 && (
          <Section title={t('experimentPage.figures')}>
            <ForestPlot
              metrics={metrics}
              baseline="In force"
              candidate="Changed"
            />
          </Section>
        )}
        <DaysChart experiment={value} />
        <Arms experiment={value} />
        <Changed experiment={value} />
        <Log log={value.log} />
        {isStopping && (
          <StopDialog
            experiment={value}
            onStopped={reload}
            onClose={() => setStopping(false)}
          />
        )}
      </Container>
    </BreadcrumbEntry>
  );
}
