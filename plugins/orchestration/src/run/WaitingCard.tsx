import {
  EntityLink,
  RelativeTime,
  RiskBadge,
  Sentence,
  StatusMark,
  useApproval,
} from '@agentportal/plugin-agents-react';
import type { RunWait } from '@agentportal/plugin-orchestration-common';
import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { ButtonLink } from '@backstage/ui';
import { approvalsRouteRef } from '../routes';
import { orchestrationTranslationRef } from '../translation';
import styles from './run.module.css';

/** What a run waits for: what it would do, why it waits, who was asked, since when and until when. */
export function WaitingCard({ wait }: { wait: RunWait }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const approvalsRoute = useRouteRef(approvalsRouteRef);
  const { value: approval } = useApproval(wait.approvalId);
  const isQuestion = wait.kind === 'question';
  const isDecided = approval && approval.status !== 'pending';
  const askedOf = approval?.askedOf ?? wait.askedOf;
  let ask: string = approval?.canDecide
    ? t('waitingCard.decide')
    : t('waitingCard.seeTheRequest');
  if (isQuestion && approval?.canDecide) ask = t('waitingCard.answer');
  return (
    <section
      className={styles.waiting}
      aria-label={t('waitingCard.waitsForAPerson')}
    >
      <div className={styles.waitingHead}>
        <StatusMark
          status="interrupted"
          label={
            isDecided
              ? t('waitingCard.decidedTheRunGoesOn')
              : t(
                  isQuestion
                    ? 'waitingCard.waitsForAnAnswer'
                    : 'waitingCard.waitsForAnApproval',
                )
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
            {t('waitingCard.asked', {
              value: (
                <>
                  {askedOf.map((ref, index) => (
                    <span key={ref}>
                      {index > 0 && ', '}
                      <EntityLink entityRef={ref} />
                    </span>
                  ))}
                </>
              ),
            })}{' '}
          </>
        )}
        {approval && (
          <>
            {t('waitingCard.waitsSince', {
              requestedAt: <RelativeTime value={approval.requestedAt} />,
            })}{' '}
          </>
        )}
        {wait.expiresAt && (
          <>
            {t(
              approval?.onExpiry === 'escalate' && !approval.escalatedAt
                ? 'waitingCard.goesOnToOthers'
                : 'waitingCard.ends',
              {
                when: (
                  <RelativeTime value={approval?.expiresAt ?? wait.expiresAt} />
                ),
              },
            )}
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
