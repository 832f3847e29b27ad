import type { Feedback } from '@agentportal/plugin-evals-common';
import { useApiHolder } from '@backstage/frontend-plugin-api';
import { Button, TextAreaField, ToggleButton } from '@backstage/ui';
import { RiThumbDownLine, RiThumbUpLine } from '@remixicon/react';
import { useEffect, useState } from 'react';
import { type FeedbackApi, feedbackApiRef } from '../api/feedbackApiRef';
import styles from './chat.module.css';

/** What the backend takes. */
const MAX_COMMENT = 2_000;

const CHOICES = [
  { rating: 'up', label: 'Good answer', icon: <RiThumbUpLine /> },
  { rating: 'down', label: 'Bad answer', icon: <RiThumbDownLine /> },
] as const;

function RatedAnswer(props: { api: FeedbackApi; runId: string }) {
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
      setWords('Thank you.');
      return true;
    } catch (error) {
      setSaid(before);
      setWords(`It was not kept: ${(error as Error).message}`);
      return false;
    }
  };

  return (
    <div className={styles.thumbs} role="group" aria-label="Rate this answer">
      {CHOICES.map(({ rating, label, icon }) => (
        <ToggleButton
          key={rating}
          size="small"
          aria-label={label}
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
            label={said.rating === 'up' ? 'What was good?' : 'What was wrong?'}
            description="Whoever owns the agent reads it. Leave out what they need not know."
            maxLength={MAX_COMMENT}
            rows={2}
            value={comment}
            onChange={setComment}
          />
          <Button type="submit" size="small" variant="secondary">
            Send comment
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
