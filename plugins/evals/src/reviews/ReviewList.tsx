import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { Review } from '@agentportal/plugin-evals-common';
import { RelativeTime, StatusMark } from '@agentportal/plugin-agents-react';
import { evalsTranslationRef } from '../translation';
import { REASONS, VERDICTS, titleOfReview } from './reviewWords';
import styles from './reviews.module.css';

function Row(props: {
  review: Review;
  agentTitle: string;
  isChosen: boolean;
  onChoose: () => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { agentTitle, isChosen, onChoose, review } = props;
  const last = review.verdicts.at(-1);
  const title = titleOfReview(review);
  const reason = REASONS[review.reason];
  return (
    <li className={styles.row} data-chosen={isChosen}>
      <button
        type="button"
        className={styles.rowTitle}
        aria-current={isChosen || undefined}
        onClick={onChoose}
      >
        {title}
      </button>
      <p className={styles.rowMeta}>
        <span>{agentTitle}</span>
        {reason !== title && <span>{reason}</span>}
        <RelativeTime value={review.createdAt} />
        {last && (
          <StatusMark
            status={last.verdict}
            tone={VERDICTS[last.verdict].tone}
            label={VERDICTS[last.verdict].word}
          />
        )}
        {review.caseId && <span>{t('reviewList.madeACase')}</span>}
      </p>
    </li>
  );
}

/** Reviews by their questions, those that wait longest first. */
export function ReviewList(props: {
  items: readonly Review[];
  nameOf: (agentRef: string) => string;
  chosenId: string | undefined;
  onChoose: (id: string) => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { chosenId, items, nameOf, onChoose } = props;
  return (
    <ul className={styles.list} aria-label={t('reviewList.reviews')}>
      {items.map(review => (
        <Row
          key={review.id}
          review={review}
          agentTitle={nameOf(review.agentRef)}
          isChosen={review.id === chosenId}
          onChoose={() => onChoose(review.id)}
        />
      ))}
    </ul>
  );
}
