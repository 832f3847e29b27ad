import type { Evaluation } from '@agentportal/plugin-evals-common';
import {
  EntityLink,
  ErrorPanel,
  LinesSkeleton,
  RelativeTime,
  RowTable,
  RowsSkeleton,
  StatTile,
  formatCount,
  formatDuration,
  formatNanoUsd,
  formatPercent,
  isNotFound,
} from '@agentportal/plugin-agents-react';
import {
  BreadcrumbEntry,
  RouterLink,
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, ButtonLink, Container } from '@backstage/ui';
import { useState } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { useMayManage } from '../api/useMayDo';
import { IntervalBar } from '../figures/IntervalBar';
import { AgentLink } from '../layout/AgentLink';
import { PageHead } from '../layout/PageHead';
import { Section } from '../layout/Section';
import {
  comparisonRouteRef,
  dataSetRouteRef,
  evaluationRouteRef,
  evaluationsRouteRef,
} from '../routes';
import { evalsTranslationRef } from '../translation';
import { CompareWith } from './CompareWith';
import { subjectWords } from './EvaluationTable';
import { GateSentence } from './GateSentence';
import {
  EvaluationStatusMark,
  Progress,
  countWords,
  shareWords,
} from './Progress';
import { ResultList } from './ResultList';
import { useEvaluation } from './useEvaluation';
import layout from '../layout/layout.module.css';

function Figures({ evaluation }: { evaluation: Evaluation }) {
  const { costNanoUsd, counts, judge, latencyMs, passRate } = evaluation;
  const { t } = useTranslationRef(evalsTranslationRef);
  return (
    <div className={layout.tiles}>
      <div>
        <StatTile
          label={t('evaluationPage.rightAnswers')}
          value={passRate && formatPercent(passRate.value)}
        />
        {passRate && (
          <IntervalBar
            label={t('evaluationPage.rightAnswers')}
            unit="share"
            {...passRate}
          />
        )}
      </div>
      <StatTile
        label={t('evaluationPage.wrong')}
        value={formatCount(counts.failed)}
      />
      <StatTile
        label={t('evaluationPage.notJudged')}
        value={formatCount(counts.incomplete)}
      />
      <StatTile
        label={t('evaluationPage.medianTime')}
        value={latencyMs && formatDuration(latencyMs.p50)}
      />
      <StatTile
        label={t('evaluationPage.within95')}
        value={latencyMs && formatDuration(latencyMs.p95)}
      />
      <StatTile
        label={t('evaluationPage.cost')}
        value={
          costNanoUsd === undefined ? undefined : formatNanoUsd(costNanoUsd)
        }
      />
      {judge && (
        <div>
          <StatTile
            label={t('judge.used')}
            value={formatNanoUsd(judge.costNanoUsd)}
          />
          <p className={layout.quiet}>
            {t('judge.calls', {
              calls: formatCount(judge.calls),
              most: formatCount(judge.maxCalls),
            })}
          </p>
        </div>
      )}
    </div>
  );
}

function Evaluators({ evaluation }: { evaluation: Evaluation }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { evaluators = [], withoutJudge } = evaluation;
  if (evaluators.length === 0 && !withoutJudge) {
    return null;
  }
  return (
    <details className={layout.asTable}>
      <summary>
        <span>{t('evaluationPage.byWhatAnswersWereJudged')}</span>
      </summary>
      <RowTable
        columns={[
          { label: 'By' },
          { label: 'Passed' },
          { label: 'Not passed' },
          { label: 'Could not tell' },
        ]}
      >
        {evaluators.map(each => (
          <tr key={each.evaluator}>
            <th scope="row">{each.evaluator}</th>
            <td className={layout.number}>{formatCount(each.passed)}</td>
            <td className={layout.number}>{formatCount(each.failed)}</td>
            <td className={layout.number}>{formatCount(each.incomplete)}</td>
          </tr>
        ))}
      </RowTable>
    </details>
  );
}

function Actions(props: { evaluation: Evaluation; reload: () => void }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { evaluation, reload } = props;
  const { baselineId, id, status } = evaluation;
  const api = useApi(evalsApiRef);
  const comparison = useRouteRef(comparisonRouteRef);
  const mayManage = useMayManage(evaluation.agentRef);
  const [isStopping, setStopping] = useState(false);
  return (
    <>
      {status === 'running' && mayManage && (
        <Button
          variant="secondary"
          isPending={isStopping}
          onPress={async () => {
            setStopping(true);
            // What it has so far stays, and whether it stopped is seen when it is read again.
            await api.cancelEvaluation(id).catch(() => undefined);
            setStopping(false);
            reload();
          }}
        >
          {t('evaluationPage.stop')}
        </Button>
      )}
      {baselineId ? (
        <ButtonLink
          variant="primary"
          href={comparison?.({ evaluationId: id, baselineId }) ?? ''}
        >
          {t('evaluationPage.compareWithTheVersionIn')}
        </ButtonLink>
      ) : (
        <CompareWith evaluation={evaluation} />
      )}
    </>
  );
}

/** One evaluation: how many answers were right, and what became of each case. */
export function EvaluationPage({ id }: { id: string }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const evaluation = useEvaluation(id);
  const listRoute = useRouteRef(evaluationsRouteRef);
  const pageRoute = useRouteRef(evaluationRouteRef);
  const dataSetRoute = useRouteRef(dataSetRouteRef);
  const { error, reload, value } = evaluation;
  if (!value) {
    return (
      <Container className={layout.page}>
        {error ? (
          <ErrorPanel
            title={
              isNotFound(error)
                ? 'There is no such evaluation'
                : 'The evaluation could not be loaded'
            }
            error={error}
            safe={t('evaluationPage.ifItIsUnderWay')}
            onRetry={reload}
            actions={
              listRoute && (
                <RouterLink href={listRoute()}>
                  {t('evaluationPage.allEvaluations')}
                </RouterLink>
              )
            }
          />
        ) : (
          <>
            <LinesSkeleton lines={3} />
            <RowsSkeleton rows={8} />
          </>
        )}
      </Container>
    );
  }
  const { agentRef, counts, dataSetId, status } = value;
  return (
    <BreadcrumbEntry
      entry={{
        label: value.label,
        href: pageRoute?.({ evaluationId: id }) ?? '',
      }}
    >
      <Container className={layout.page}>
        <PageHead
          title={value.label}
          actions={<Actions evaluation={value} reload={reload} />}
        >
          <EvaluationStatusMark status={status} />
          <AgentLink agentRef={agentRef} />
          <span>{subjectWords(value)}</span>
          <span>
            <RouterLink href={dataSetRoute?.({ dataSetId }) ?? ''}>
              {value.dataSetTitle ?? dataSetId}
            </RouterLink>
            , version {value.dataSetVersion}
          </span>
          {value.trials > 1 && <span>each asked {value.trials} times</span>}
          <span>
            <RelativeTime value={value.createdAt} /> by{' '}
            <EntityLink entityRef={value.createdBy} />
          </span>
        </PageHead>
        <p className={layout.verdict}>
          {countWords(value)}
          {value.passRate && `: ${shareWords(value.passRate)}`}.
        </p>
        {status === 'running' && <Progress counts={counts} />}
        {value.reason && (
          <p className={layout.words} role="note">
            {value.reason}
          </p>
        )}
        {Boolean(value.withoutJudge) && (
          <p className={layout.words} role="note">
            {formatCount(value.withoutJudge!)} cases wait for a judge: no model
            that could be one is set up.
          </p>
        )}
        <Section title={t('evaluationPage.figures')}>
          <Figures evaluation={value} />
          <Evaluators evaluation={value} />
        </Section>
        {status !== 'running' && (
          <GateSentence agentRef={agentRef} evaluationId={id} />
        )}
        <ResultList
          evaluation={value}
          // What was judged since is read when the counts say so.
          done={counts.cases - counts.waiting}
        />
      </Container>
    </BreadcrumbEntry>
  );
}
