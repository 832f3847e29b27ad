import type {
  FailureKind,
  Review,
  ReviewVerdict,
} from '@agentportal/plugin-evals-common';
import {
  EntityLink,
  ErrorPanel,
  ForeignMarkdown,
  RelativeTime,
  Sentence,
  StatusMark,
} from '@agentportal/plugin-agents-react';
import {
  RouterLink,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, Select, TextAreaField } from '@backstage/ui';
import { useState } from 'react';
import { evalsTranslationRef } from '../translation';
import { dataSetRouteRef, runRouteRef } from '../routes';
import { FAILURES, REASONS, VERDICTS } from './reviewWords';
import layout from '../layout/layout.module.css';
import styles from './reviews.module.css';

type Judge = (
  verdict: ReviewVerdict,
  more?: { failure?: FailureKind; note?: string },
) => Promise<void>;

const NOT_SAID = 'none';

/** What was wrong, once that something was is said. */
function WhatWasWrong(props: {
  last: Review['verdicts'][number];
  onJudge: Judge;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { last, onJudge } = props;
  const [note, setNote] = useState(last.note ?? '');
  const more = (failure: FailureKind | undefined) => ({
    ...(failure && { failure }),
    ...(note.trim() && { note: note.trim() }),
  });
  return (
    <div className={layout.form}>
      <Select
        label={t('reviewDetail.whatWasWrong')}
        options={[
          { id: NOT_SAID, label: 'Not said' },
          ...Object.entries(FAILURES).map(([id, label]) => ({ id, label })),
        ]}
        value={last.failure ?? NOT_SAID}
        onChange={key =>
          void onJudge(
            'bad',
            more(key === NOT_SAID ? undefined : (key as FailureKind)),
          )
        }
      />
      <TextAreaField
        label={t('reviewDetail.note')}
        secondaryLabel={t('reviewDetail.optional')}
        rows={2}
        maxLength={2000}
        value={note}
        onChange={setNote}
        onBlur={() =>
          note.trim() !== (last.note ?? '') &&
          void onJudge('bad', more(last.failure))
        }
      />
    </div>
  );
}

function Conversation({ review }: { review: Review }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { answer, ask, feedback, hidden } = review;
  return (
    <>
      {feedback && (
        <div>
          <h3 className={styles.partTitle}>
            {t('reviewDetail.whatThePersonSaid')}
          </h3>
          <p className={layout.words}>
            <StatusMark
              status={feedback.rating}
              tone={feedback.rating === 'up' ? 'good' : 'bad'}
              label={feedback.rating === 'up' ? 'Thumb up' : 'Thumb down'}
            />
            {feedback.comment && `: ${feedback.comment}`}
          </p>
        </div>
      )}
      {hidden && (
        <p className={layout.quiet}>
          <Sentence text={hidden} />
        </p>
      )}
      {ask !== undefined && (
        <div>
          <h3 className={styles.partTitle}>{t('reviewDetail.question')}</h3>
          <p className={layout.words}>{ask}</p>
        </div>
      )}
      {answer !== undefined && (
        <div>
          <h3 className={styles.partTitle}>{t('reviewDetail.answer')}</h3>
          <div className={styles.answer}>
            <ForeignMarkdown content={answer} />
          </div>
        </div>
      )}
    </>
  );
}

/** One conversation: what was asked and answered, and what reviewers say of it. */
export function ReviewDetail(props: {
  review: Review;
  agentTitle: string;
  mayJudge: boolean;
  failure?: Error;
  onJudge: Judge;
  onMakeCase: () => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { agentTitle, failure, mayJudge, onJudge, onMakeCase, review } = props;
  const { agentRef, caseId, createdAt, dataSetId, runId, verdicts } = review;
  const runRoute = useRouteRef(runRouteRef);
  const dataSetRoute = useRouteRef(dataSetRouteRef);
  const last = verdicts.at(-1);
  return (
    <article className={styles.detail}>
      <header>
        <h2 className={layout.title}>{REASONS[review.reason]}</h2>
        <div className={layout.facts}>
          <EntityLink entityRef={agentRef} title={agentTitle} withAvatar />
          <RelativeTime value={createdAt} />
          {runRoute && !review.hidden && (
            <RouterLink href={runRoute({ id: runId })}>
              {t('reviewDetail.everythingThatHappened')}
            </RouterLink>
          )}
        </div>
      </header>
      <Conversation review={review} />
      {verdicts.length > 0 && (
        <div>
          <h3 className={styles.partTitle}>{t('reviewDetail.verdicts')}</h3>
          {verdicts.map(({ at, by, failure: kind, note, verdict }) => (
            <p key={by} className={layout.words}>
              <StatusMark
                status={verdict}
                tone={VERDICTS[verdict].tone}
                label={VERDICTS[verdict].word}
              />{' '}
              {kind && `${FAILURES[kind]}. `}
              {note}{' '}
              <span className={layout.quiet}>
                <EntityLink entityRef={by} />, <RelativeTime value={at} />
              </span>
            </p>
          ))}
        </div>
      )}
      {mayJudge && (
        <>
          <div
            className={layout.actions}
            role="group"
            aria-label={t('reviewDetail.verdict')}
          >
            {(Object.keys(VERDICTS) as ReviewVerdict[]).map(verdict => (
              <Button
                key={verdict}
                variant={verdict === last?.verdict ? 'primary' : 'secondary'}
                onPress={() => void onJudge(verdict)}
              >
                {VERDICTS[verdict].word}
              </Button>
            ))}
            <span className={layout.room} />
            {caseId ? (
              <span>
                Case <code>{caseId}</code>
                {dataSetId && (
                  <>
                    {' of '}
                    <RouterLink href={dataSetRoute?.({ dataSetId }) ?? ''}>
                      {t('reviewDetail.itsDataSet')}
                    </RouterLink>
                  </>
                )}
              </span>
            ) : (
              <Button variant="secondary" onPress={onMakeCase}>
                {t('reviewDetail.makeATestCase')}
              </Button>
            )}
          </div>
          {last?.verdict === 'bad' && (
            <WhatWasWrong last={last} onJudge={onJudge} />
          )}
        </>
      )}
      {failure && (
        <ErrorPanel
          title={t('reviewDetail.theVerdictCouldNotBe')}
          error={failure}
          safe={t('reviewDetail.verdictsBeforeStayAsThey')}
        />
      )}
    </article>
  );
}
