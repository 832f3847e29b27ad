import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { AgentSummary } from '@agentportal/plugin-agents-common';
import {
  EntityLink,
  RelativeTime,
  Sentence,
} from '@agentportal/plugin-agents-react';
import { RiLockLine, RiPauseCircleLine } from '@remixicon/react';
import { agentsTranslationRef } from '../translation';
import styles from './status.module.css';

/** Who suspended an agent, when and why. */
export function SuspendedBy(props: {
  suspended: NonNullable<AgentSummary['standing']['suspended']>;
  /** What people call who did, where that is known. */
  title?: string;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { at, by, reason } = props.suspended;
  return (
    <>
      {t('standing.suspended', {
        by: <EntityLink entityRef={by} title={props.title} />,
        at: <RelativeTime value={at} />,
        reason,
      })}
    </>
  );
}

/** Why an agent does not work for who looks at it, before they try; nothing when it does. */
export function StandingNotice({ agent }: { agent: AgentSummary }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { allowed, reason, state, suspended } = agent.standing;
  if (allowed) {
    return null;
  }
  return (
    <p className={styles.notice} role="note" data-state={state}>
      {state === 'active' ? (
        <RiLockLine size={18} aria-hidden />
      ) : (
        <RiPauseCircleLine size={18} aria-hidden />
      )}
      <span>
        {suspended ? (
          <>
            <SuspendedBy suspended={suspended} />
            {/[.!?]$/.test(suspended.reason) ? ' ' : '. '}
            {t('standing.ask', {
              owner: <EntityLink entityRef={agent.ownerRef} />,
            })}
          </>
        ) : (
          <Sentence text={reason ?? t('standing.mayNot')} />
        )}
      </span>
    </p>
  );
}
