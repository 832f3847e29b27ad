import type { RunStep } from '@agentportal/plugin-orchestration-common';
import {
  EntityLink,
  JsonView,
  RiskBadge,
  Sentence,
  StatusMark,
  formatDuration,
  formatNanoUsd,
  formatTokens,
  nameOfRef,
} from '@agentportal/plugin-agents-react';
import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { approvalsRouteRef } from '../routes';
import { HiddenNote } from './HiddenNote';
import { PromptView } from './PromptView';
import { StepRehearsal } from './RehearsalNote';
import { ResultView } from './ResultView';
import { RunErrorNote } from './RunErrorNote';
import { stepTitle } from './stepWords';
import { WhyThisModel } from './WhyThisModel';
import type { ReactNode } from 'react';
import { orchestrationTranslationRef } from '../translation';
import styles from './run.module.css';

function StepFacts({ step }: { step: RunStep }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  return (
    <dl className={styles.facts}>
      {step.toolRef && (
        <div>
          <dt>{t('stepDetails.tool')}</dt>
          <dd>
            <EntityLink entityRef={step.toolRef} />
          </dd>
        </div>
      )}
      {step.modelId && (
        <div>
          <dt>{t('stepDetails.model')}</dt>
          <dd>
            <code>{step.modelId}</code>
            {step.name !== step.modelId &&
              t('stepDetails.askedForAs', { name: nameOfRef(step.name) })}
          </dd>
        </div>
      )}
      {step.modelReason && (
        <div>
          <dt>{t('stepDetails.whyThisModel')}</dt>
          <dd>
            <WhyThisModel reason={step.modelReason} />
          </dd>
        </div>
      )}
      {step.usage && (
        <div>
          <dt>{t('stepDetails.usage')}</dt>
          <dd>
            {t('stepDetails.tokensInOut', {
              inputTokens: formatTokens(step.usage.inputTokens),
              outputTokens: formatTokens(step.usage.outputTokens),
              costNanoUsd: formatNanoUsd(step.usage.costNanoUsd),
            })}
          </dd>
        </div>
      )}
    </dl>
  );
}

/** Who let a call pass, or did not, why, and what they changed in it. */
function StepApproval({ approval }: { approval: RunStep['approval'] & {} }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const approvalsRoute = useRouteRef(approvalsRouteRef);
  const { args, id, reason, status } = approval;
  return (
    <>
      <dl className={styles.facts}>
        <div>
          <dt>{t('stepDetails.approval')}</dt>
          <dd>
            {reason ? <Sentence text={reason} /> : status}{' '}
            {approvalsRoute && (
              <Link
                variant="body-small"
                href={`${approvalsRoute()}?view=all&status=any&id=${id}`}
              >
                {t('stepDetails.seeTheRequest')}
              </Link>
            )}
          </dd>
        </div>
      </dl>
      {args !== undefined && (
        <JsonView title={t('stepDetails.argumentsAsApproved')} value={args} />
      )}
    </>
  );
}

/** Everything that is on record about a step. */
export function StepDetails(props: {
  step: RunStep;
  heading?: boolean;
  /** What can be done from here. */
  actions?: ReactNode;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { step, heading = true, actions } = props;
  const inputTitle = t(`stepDetails.given.${step.kind}`);
  return (
    <div className={styles.details}>
      {heading && (
        <div className={styles.detailsHead}>
          <h3 className={styles.detailsTitle}>{stepTitle(step)}</h3>
          <span className={styles.quiet}>{t(`stepKinds.${step.kind}`)}</span>
          {step.riskTier && <RiskBadge tier={step.riskTier} />}
          <StatusMark status={step.status} />
          {!step.kept && step.durationMs !== undefined && (
            <span className={styles.quiet}>
              {formatDuration(step.durationMs)}
            </span>
          )}
        </div>
      )}
      {actions}
      {step.kept && (
        <p className={styles.quiet}>
          {step.edited
            ? t('stepDetails.saidOtherwise')
            : t('stepDetails.keptFromTheRunThat')}
        </p>
      )}
      {step.error && <RunErrorNote error={step.error} />}
      <StepFacts step={step} />
      {step.rehearsed && <StepRehearsal rehearsed={step.rehearsed} />}
      {step.approval && <StepApproval approval={step.approval} />}
      <HiddenNote steps={[step]} className={styles.quiet} />
      {step.kind === 'model' ? (
        <PromptView title={inputTitle} input={step.input} />
      ) : (
        <JsonView title={inputTitle} value={step.input} />
      )}
      {step.output !== undefined && (
        <ResultView
          title={t(`stepDetails.came.${step.kind}`)}
          output={step.output}
        />
      )}
    </div>
  );
}
