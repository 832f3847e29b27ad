import {
  EntityLink,
  RelativeTime,
  RiskBadge,
  Sentence,
  StatusMark,
  useApproval,
} from '@agentportal/plugin-agents-react';
import type { RunWait } from '@agentportal/plugin-orchestration-common';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { ButtonLink } from '@backstage/ui';
import { approvalsRouteRef } from '../routes';
import styles from './run.module.css';

/** What a run waits for: what it would do, why it waits, who was asked, since when and until when. */
export function WaitingCard({ wait }: { wait: RunWait }) {
  const approvalsRoute = useRouteRef(approvalsRouteRef);
  const { value: approval } = useApproval(wait.approvalId);
  const isQuestion = wait.kind === 'question';
  const isDecided = approval && approval.status !== 'pending';
  const askedOf = approval?.askedOf ?? wait.askedOf;
  let ask = approval?.canDecide ? 'Decide' : 'See the request';
  if (isQuestion && approval?.canDecide) ask = 'Answer';
  return (
    <section className={styles.waiting} aria-label="Waits for a person">
      <div className={styles.waitingHead}>
        <StatusMark
          status="interrupted"
          label={
            isDecided
              ? 'Decided. The run goes on in a moment.'
              : `Waits for ${isQuestion ? 'an answer' : 'an approval'}`
          }
        />
        {approval?.riskTier && <RiskBadge tier={approval.riskTier} />}
      </div>
      <p className={styles.waitingTitle}>
        <Sentence text={approval?.title ?? wait.title} />
      </p>
      {approval && (
        <p className={styles.waitingWhy}>
          <Sentence text={approval.reason} />
        </p>
      )}
      <p className={styles.quiet}>
        {askedOf.length > 0 && (
          <>
            Asked:{' '}
            {askedOf.map((ref, index) => (
              <span key={ref}>
                {index > 0 && ', '}
                <EntityLink entityRef={ref} />
              </span>
            ))}
            {'. '}
          </>
        )}
        {approval && (
          <>
            Waits since <RelativeTime value={approval.requestedAt} />.{' '}
          </>
        )}
        {wait.expiresAt && (
          <>
            {approval?.onExpiry === 'escalate' && !approval.escalatedAt
              ? 'Goes on to others'
              : 'Ends'}{' '}
            <RelativeTime value={approval?.expiresAt ?? wait.expiresAt} />.
          </>
        )}
      </p>
      {approvalsRoute && (
        <ButtonLink
          size="small"
          variant={approval?.canDecide ? 'primary' : 'secondary'}
          href={`${approvalsRoute()}?view=all&status=any&id=${wait.approvalId}`}
        >
          {ask}
        </ButtonLink>
      )}
    </section>
  );
}
