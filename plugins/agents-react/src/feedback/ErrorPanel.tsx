import type { ReactNode } from 'react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button } from '@backstage/ui';
import { Sentence } from '../entities';
import { agentsReactTranslationRef } from '../translation';
import { EmptyHint } from './EmptyHint';
import { RefusedHint } from './RefusedHint';
import { originOf, refusalOf } from './refusal';
import styles from './feedback.module.css';

/**
 * Props of {@link ErrorPanel}.
 *
 * @public
 */
export interface ErrorPanelProps {
  /** What happened, in words: "The agents could not be loaded". */
  title: string;
  error?: Error;
  /** What is safe: "Nothing was changed." */
  safe?: ReactNode;
  /** Makes a "Try again" button, except for what is not there: that helps nobody. */
  onRetry?: () => void;
  /** Other ways on, such as a link back; shown for what is not there. */
  actions?: ReactNode;
  /** Whom a refusal sends people to; those who support the app unless told. */
  contactRef?: string;
}

/** What a person can do about an error, from the names that Backstage's errors carry. */
function adviceFor(
  error: Error | undefined,
): 'sessionEnded' | 'noAnswer' | undefined {
  if (error?.name === 'AuthenticationError') {
    return 'sessionEnded';
  }
  return error instanceof TypeError && /fetch/i.test(error.message)
    ? 'noAnswer'
    : undefined;
}

/**
 * An error that says what happened, what is safe and what to do. A refusal is no
 * fault: it is told in one calm sentence.
 *
 * @public
 */
export function ErrorPanel(props: ErrorPanelProps) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const { title, safe, onRetry } = props;
  const error = originOf(props.error);
  const refusal = refusalOf(props.error);
  if (refusal) {
    return (
      <RefusedHint
        refusal={refusal}
        onRetry={onRetry}
        contactRef={props.contactRef}
      />
    );
  }
  if (error?.name === 'NotFoundError') {
    return (
      <div role="alert">
        <EmptyHint title={title} actions={props.actions}>
          {t('feedback.notThere')}
        </EmptyHint>
      </div>
    );
  }
  const advice = adviceFor(error);
  return (
    <div role="alert">
      <Alert
        status="danger"
        icon
        title={title}
        description={
          <span className={styles.errorText}>
            {advice && <span>{t(`feedback.${advice}`)}</span>}
            {error?.message && (
              <span className={styles.errorMessage}>
                <Sentence text={error.message} />
              </span>
            )}
            {safe && <span>{safe}</span>}
          </span>
        }
        customActions={
          onRetry && (
            <Button size="small" variant="secondary" onPress={onRetry}>
              {t('feedback.tryAgain')}
            </Button>
          )
        }
      />
    </div>
  );
}
