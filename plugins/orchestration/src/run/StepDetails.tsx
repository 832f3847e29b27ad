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
} from '@agentportal/plugin-agents-react';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { approvalsRouteRef } from '../routes';
import { HiddenNote } from './HiddenNote';
import { PromptView } from './PromptView';
import { StepRehearsal } from './RehearsalNote';
import { ResultView } from './ResultView';
import { RunErrorNote } from './RunErrorNote';
import { stepKindWord, stepTitle } from './stepWords';
import { WhyThisModel } from './WhyThisModel';
import type { ReactNode } from 'react';
import styles from './run.module.css';

const TITLES = {
  model: ['Input', 'Output'],
  tool: ['Arguments', 'Result'],
  agent: ['Handed over', 'Handed back'],
  node: ['Input', 'Output'],
} as const;

function StepFacts({ step }: { step: RunStep }) {
  return (
    <dl className={styles.facts}>
      {step.toolRef && (
        <div>
          <dt>Tool</dt>
          <dd>
            <EntityLink entityRef={step.toolRef} />
          </dd>
        </div>
      )}
      {step.modelId && (
        <div>
          <dt>Model</dt>
          <dd>
            <code>{step.modelId}</code>
            {step.name !== step.modelId && ` asked for as ${step.name}`}
          </dd>
        </div>
      )}
      {step.modelReason && (
        <div>
          <dt>Why this model</dt>
          <dd>
            <WhyThisModel reason={step.modelReason} />
          </dd>
        </div>
      )}
      {step.usage && (
        <div>
          <dt>Usage</dt>
          <dd>
            {formatTokens(step.usage.inputTokens)} tokens in,{' '}
            {formatTokens(step.usage.outputTokens)} out,{' '}
            {formatNanoUsd(step.usage.costNanoUsd)}
          </dd>
        </div>
      )}
    </dl>
  );
}

/** Who let a call pass, or did not, why, and what they changed in it. */
function StepApproval({ approval }: { approval: RunStep['approval'] & {} }) {
  const approvalsRoute = useRouteRef(approvalsRouteRef);
  const { args, id, reason, status } = approval;
  return (
    <>
      <dl className={styles.facts}>
        <div>
          <dt>Approval</dt>
          <dd>
            {reason ? <Sentence text={reason} /> : status}{' '}
            {approvalsRoute && (
              <Link
                variant="body-small"
                href={`${approvalsRoute()}?view=all&status=any&id=${id}`}
              >
                See the request
              </Link>
            )}
          </dd>
        </div>
      </dl>
      {args !== undefined && (
        <JsonView title="Arguments as approved" value={args} />
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
  const { step, heading = true, actions } = props;
  const [inputTitle, outputTitle] = TITLES[step.kind];
  return (
    <div className={styles.details}>
      {heading && (
        <div className={styles.detailsHead}>
          <h3 className={styles.detailsTitle}>{stepTitle(step)}</h3>
          <span className={styles.quiet}>{stepKindWord(step)}</span>
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
          Kept from the run that this one repeats: it was not done again, and
          cost nothing here.
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
        <ResultView title={outputTitle} output={step.output} />
      )}
    </div>
  );
}
