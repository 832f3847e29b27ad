import type { Scorecard } from '@agentportal/plugin-evals-common';
import {
  RelativeTime,
  Sentence,
  formatCount,
} from '@agentportal/plugin-agents-react';
import {
  RouterLink,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Box } from '@backstage/ui';
import { evalsTranslationRef } from '../translation';
import { CheckMark } from '../levels/CheckMark';
import { LevelMark, levelWord } from '../levels/LevelMark';
import { EvidenceLink } from '../layout/EvidenceLink';
import { reviewsRouteRef } from '../routes';
import { blockersOf } from './blockers';
import layout from '../layout/layout.module.css';
import styles from './scorecard.module.css';

const MOST = 2;

/** The verdict, the level, and what stands before the next one. */
export function Standing({ scorecard }: { scorecard: Scorecard }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { computedAt, level, nextLevel, openRegressions, passed, total } =
    scorecard;
  const reviews = useRouteRef(reviewsRouteRef)?.();
  const blockers = blockersOf(scorecard);
  const rest = blockers.length - MOST;
  return (
    <Box
      as="section"
      bg="neutral"
      className={styles.standing}
      aria-label={t('standing.standing')}
    >
      <div className={styles.level}>
        <LevelMark level={level} size="large" />
        <p className={layout.quiet}>
          {scorecard.since && (
            <>
              Since <RelativeTime value={scorecard.since} />.{' '}
            </>
          )}
          {formatCount(passed)} of {formatCount(total)} checks passed. Looked at{' '}
          <RelativeTime value={computedAt} />.
        </p>
      </div>
      <div className={styles.words}>
        <p className={layout.verdict}>
          <span>
            <Sentence text={scorecard.sentence} />
          </span>
        </p>
        {openRegressions !== undefined && openRegressions > 0 && (
          <p className={layout.words}>
            {openRegressions === 1
              ? '1 answer that was right before is wrong now.'
              : `${formatCount(
                  openRegressions,
                )} answers that were right before are wrong now.`}{' '}
            {reviews && (
              <RouterLink
                href={`${reviews}?agent=${encodeURIComponent(
                  scorecard.agentRef,
                )}`}
              >
                {t('standing.seeWhatWaitsForReviewers')}
              </RouterLink>
            )}
          </p>
        )}
        {nextLevel && blockers.length > 0 && (
          <div>
            <h3 className={styles.next}>
              Before {levelWord(nextLevel).toLocaleLowerCase('en-US')}
            </h3>
            <ul className={styles.blockers}>
              {blockers.slice(0, MOST).map(check => (
                <li key={check.id}>
                  <CheckMark status={check.status} label={check.title} />
                  <span className={layout.below}>
                    <Sentence text={check.fix ?? check.sentence} />{' '}
                    <EvidenceLink path={check.link}>
                      {t('standing.goThere')}
                    </EvidenceLink>
                  </span>
                </li>
              ))}
            </ul>
            {rest > 0 && (
              <p className={layout.quiet}>
                And {rest} more, in the list of checks below.
              </p>
            )}
          </div>
        )}
      </div>
    </Box>
  );
}
