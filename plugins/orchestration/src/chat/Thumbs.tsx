import { messageOf } from '@agentportal/plugin-agents-react';
import type { Feedback } from '@agentportal/plugin-evals-common';
import {
  useApiHolder,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, TextAreaField, ToggleButton } from '@backstage/ui';
import { RiThumbDownLine, RiThumbUpLine } from '@remixicon/react';
import { useEffect, useState } from 'react';
import { type FeedbackApi, feedbackApiRef } from '../api/feedbackApiRef';
import { orchestrationTranslationRef } from '../translation';
import styles from './chat.module.css';

/** What the backend takes. */
const MAX_COMMENT = 2_000;

const CHOICES = [
  { rating: 'up', icon: <RiThumbUpLine /> },
  { rating: 'down', icon: <RiThumbDownLine /> },
] as const;

function RatedAnswer(props: { api: FeedbackApi; runId: string }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { api, runId } = props;
  const [said, setSaid] = useState<Pick<Feedback, 'rating' | 'comment'>>();
  const [comment, setComment] = useState('');
  const [asks, setAsks] = useState(false);
  const [words, setWords] = useState('');

  useEffect(() => {
    let isGone = false;
    api.listFeedback({ runId }).then(
      ({ items: [before] }) => {
        if (!isGone && before) {
          setSaid(now => now ?? before);
          setComment(now => now || (before.comment ?? ''));
        }
      },
      // Whoever cannot see what was said before may still say something.
      () => {},
    );
    return () => {
      isGone = true;
    };
  }, [api, runId]);

  const give = async (given: Pick<Feedback, 'rating' | 'comment'>) => {
    const before = said;
    setSaid(given);
    setWords('');
    try {
      await api.giveFeedback({ runId, ...given });
      setWords(t('thumbs.thankYou'));
      return true;
    } catch (error) {
      setSaid(before);
      setWords(t('thumbs.itWasNotKept', { message: messageOf(error) }));
      return false;
    }
  };

  return (
    <div
      className={styles.thumbs}
      role="group"
      aria-label={t('thumbs.rateThisAnswer')}
    >
      {CHOICES.map(({ rating, icon }) => (
        <ToggleButton
          key={rating}
          size="small"
          aria-label={t(`thumbs.${rating}`)}
          iconStart={icon}
          isSelected={said?.rating === rating}
          onChange={() => {
            give({ rating, ...(said?.comment && { comment: said.comment }) });
            setAsks(true);
          }}
        />
      ))}
      <span role="status">{words}</span>
      {asks && said && (
        <form
          className={styles.why}
          onSubmit={async event => {
            event.preventDefault();
            const text = comment.trim();
            if (await give({ ...said, comment: text || undefined })) {
              setAsks(false);
            }
          }}
        >
          <TextAreaField
            label={
              said.rating === 'up'
                ? t('thumbs.whatWasGood')
                : t('thumbs.whatWasWrong')
            }
            description={t('thumbs.whoeverOwnsTheAgentReads')}
            maxLength={MAX_COMMENT}
            rows={2}
            value={comment}
            onChange={setComment}
          />
          <Button type="submit" size="small" variant="secondary">
            {t('thumbs.sendComment')}
          </Button>
        </form>
      )}
    </div>
  );
}

/** Thumbs for an answer that the person has got; nothing where nobody keeps them. */
export function Thumbs(props: { runId: string }) {
  const api = useApiHolder().get(feedbackApiRef);
  return api ? (
    <RatedAnswer key={props.runId} api={api} runId={props.runId} />
  ) : null;
}
