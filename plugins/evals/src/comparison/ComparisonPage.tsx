import type { Comparison, Evaluation } from '@agentportal/plugin-evals-common';
import {
  ComparedWords,
  ErrorPanel,
  LinesSkeleton,
  RowsSkeleton,
  compareWords,
  formatCount,
  isNotFound,
  nameOfRef,
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
import { Container } from '@backstage/ui';
import { useMemo } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { useMayManage } from '../api/useMayDo';
import { GateSentence } from '../evaluations/GateSentence';
import { Progress } from '../evaluations/Progress';
import { changeWords } from '../evaluations/EvaluationTable';
import { useLookAgain } from '../evaluations/useEvaluation';
import { StartExperiment } from '../experiments/StartExperiment';
import { ForestPlot } from '../figures/ForestPlot';
import { VerdictLine } from '../figures/VerdictLine';
import { AgentLink } from '../layout/AgentLink';
import { PageHead } from '../layout/PageHead';
import { Section } from '../layout/Section';
import {
  comparisonRouteRef,
  evaluationRouteRef,
  evaluationsRouteRef,
} from '../routes';
import { evalsTranslationRef } from '../translation';
import { ComparedCases } from './ComparedCases';
import layout from '../layout/layout.module.css';
import styles from './comparison.module.css';

const TITLE = 'Two versions compared';

function Instructions(props: { before: string; after: string }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { after, before } = props;
  const stretches = useMemo(() => compareWords(before, after), [after, before]);
  return (
    <div className={styles.columns}>
      <ComparedWords
        title={t('comparisonPage.instructionsBefore')}
        side="left"
        stretches={stretches}
      />
      <ComparedWords
        title={t('comparisonPage.instructionsChanged')}
        side="right"
        stretches={stretches}
      />
    </div>
  );
}

/** What was changed, word by word; instructions in force are those of today. */
function Changed({ baseline, candidate }: Comparison) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const catalogApi = useApi(catalogApiRef);
  const instructions = [baseline, candidate].map(
    each => each.candidate?.instructions,
  );
  const isChanged = instructions[0] !== instructions[1];
  const entity = useLoad(
    isChanged && instructions.includes(undefined)
      ? `instructions ${candidate.agentRef}`
      : undefined,
    () => catalogApi.getEntityByRef(candidate.agentRef),
  );
  const models = [baseline, candidate].map(({ candidate: of }) =>
    of?.model ? nameOfRef(of.model) : 'the model of the agent',
  );
  if (!isChanged && models[0] === models[1]) {
    return null;
  }
  const inForce = entity.value?.spec?.instructions;
  const [before = inForce, after = inForce] = instructions;
  return (
    <Section title={t('comparisonPage.whatWasChanged')}>
      {models[0] !== models[1] && (
        <p className={layout.words}>
          Model: {models[0]} before, {models[1]} now.
        </p>
      )}
      {isChanged &&
        (typeof before === 'string' && typeof after === 'string' ? (
          <Instructions before={before} after={after} />
        ) : (
          !entity.isPending && (
            <p className={layout.quiet}>
              {t('comparisonPage.theInstructionsInForceCould')}
            </p>
          )
        ))}
    </Section>
  );
}

function Side(props: { side: string; evaluation: Evaluation }) {
  const { evaluation, side } = props;
  const route = useRouteRef(evaluationRouteRef);
  return (
    <span>
      {side}{' '}
      <RouterLink href={route?.({ evaluationId: evaluation.id }) ?? ''}>
        {evaluation.label}
      </RouterLink>
      {evaluation.candidate && `, ${changeWords(evaluation)}`}
    </span>
  );
}

function pairedWords({ cases }: Comparison): string {
  const { paired, unpaired } = cases;
  const left =
    unpaired > 0
      ? ` ${formatCount(
          unpaired,
        )} are in one of them only, or say something else by now, and do not count.`
      : '';
  return `${formatCount(paired)} cases are the same in both.${left}`;
}

/** Two evaluations of the same cases: what can be said, why, and which answers changed. */
export function ComparisonPage(props: { id: string; baselineId: string }) {
  const { baselineId, id } = props;
  const api = useApi(evalsApiRef);
  const route = useRouteRef(comparisonRouteRef);
  const listRoute = useRouteRef(evaluationsRouteRef);
  const loaded = useLoad(`${id} ${baselineId}`, signal =>
    api.compareEvaluations(id, baselineId, { signal }),
  );
  const { error, reload, value } = loaded;
  const underWay = [value?.baseline, value?.candidate].filter(
    each => each?.status === 'running',
  );
  useLookAgain(underWay.length > 0, loaded);
  const mayManage = useMayManage(value?.candidate.agentRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  if (!value) {
    return (
      <Container className={layout.page}>
        {error ? (
          <ErrorPanel
            title={
              isNotFound(error)
                ? 'One of the two evaluations is not there'
                : 'The comparison could not be made'
            }
            error={error}
            onRetry={reload}
            actions={
              listRoute && (
                <RouterLink href={listRoute()}>
                  {t('comparisonPage.allEvaluations')}
                </RouterLink>
              )
            }
          />
        ) : (
          <>
            <LinesSkeleton lines={2} />
            <RowsSkeleton rows={6} />
          </>
        )}
      </Container>
    );
  }
  const { baseline, candidate, cases, metrics, verdict } = value;
  const mayTry =
    mayManage &&
    candidate.status === 'completed' &&
    candidate.candidate !== undefined &&
    verdict.decision !== 'worse';
  return (
    <BreadcrumbEntry
      entry={{
        label: TITLE,
        href: route?.({ evaluationId: id, baselineId }) ?? '',
      }}
    >
      <Container className={layout.page}>
        <PageHead title={TITLE}>
          <AgentLink agentRef={candidate.agentRef} />
          <Side side="Before:" evaluation={baseline} />
          <Side side="Now:" evaluation={candidate} />
        </PageHead>
        <VerdictLine verdict={verdict} />
        {underWay.map(each => (
          <span key={each!.id} className={layout.facts}>
            {each!.label}: <Progress counts={each!.counts} />
          </span>
        ))}
        <p className={layout.quiet}>{pairedWords(value)}</p>
        {metrics.length > 0 && (
          <Section title={t('comparisonPage.figures')}>
            <ForestPlot metrics={metrics} baseline="Before" candidate="Now" />
          </Section>
        )}
        <ComparedCases
          id={id}
          baselineId={baselineId}
          counts={cases}
          done={cases.paired}
        />
        <Changed {...value} />
        {candidate.status !== 'running' && (
          <GateSentence agentRef={candidate.agentRef} evaluationId={id} />
        )}
        {mayTry && (
          <Section title={t('startExperiment.section')}>
            <StartExperiment
              agentRef={candidate.agentRef}
              evaluation={candidate}
            />
          </Section>
        )}
      </Container>
    </BreadcrumbEntry>
  );
}
