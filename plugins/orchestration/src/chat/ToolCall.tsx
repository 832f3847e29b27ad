import type { RunStep } from '@agentportal/plugin-orchestration-common';
import {
  RiskBadge,
  Sentence,
  StatusMark,
  formatDuration,
} from '@agentportal/plugin-agents-react';
import { StepDetails } from '../run/StepDetails';
import { stepTitle } from '../run/stepWords';
import styles from './chat.module.css';

/** A call that was refused or failed gave nothing, whatever the answer makes of it. */
function verb({ kind, status }: RunStep): string {
  if (kind === 'agent') {
    return 'Asked';
  }
  if (kind === 'node') {
    return 'Step';
  }
  if (status === 'waiting') {
    return 'Asks before it uses';
  }
  return status === 'failed' ? 'Could not use' : 'Used';
}

/** A tool call in the thread: one line, all of it on demand. */
export function ToolCall({ step }: { step: RunStep }) {
  return (
    <details className={styles.toolCall}>
      <summary>
        <StatusMark status={step.status} iconOnly />
        <span className={styles.toolName}>
          {verb(step)} <strong>{stepTitle(step)}</strong>
        </span>
        {step.riskTier && step.riskTier !== 'read' && (
          <RiskBadge tier={step.riskTier} />
        )}
        {step.approval?.reason && (
          <span className={`${styles.quiet} ${styles.toolReason}`}>
            <Sentence text={step.approval.reason} />
          </span>
        )}
        {step.durationMs !== undefined && (
          <span className={styles.quiet}>
            {formatDuration(step.durationMs)}
          </span>
        )}
      </summary>
      <div className={styles.toolBody}>
        <StepDetails step={step} heading={false} />
      </div>
    </details>
  );
}
