import type { AgentSummary } from '@agentportal/plugin-agents-common';
import {
  EntityLink,
  RelativeTime,
  Sentence,
} from '@agentportal/plugin-agents-react';
import { RiLockLine, RiPauseCircleLine } from '@remixicon/react';
import styles from './status.module.css';

/** Who suspended an agent, when and why. */
export function SuspendedBy(props: {
  suspended: NonNullable<AgentSummary['standing']['suspended']>;
  /** What people call who did, where that is known. */
  title?: string;
}) {
  const { at, by, reason } = props.suspended;
  return (
    <>
      Suspended by <EntityLink entityRef={by} title={props.title} />{' '}
      <RelativeTime value={at} />: {reason}
    </>
  );
}

/** Why an agent does not work for who looks at it, before they try; nothing when it does. */
export function StandingNotice({ agent }: { agent: AgentSummary }) {
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
            Ask <EntityLink entityRef={agent.ownerRef} /> when it goes on.
          </>
        ) : (
          <Sentence text={reason ?? 'It may not act.'} />
        )}
      </span>
    </p>
  );
}
