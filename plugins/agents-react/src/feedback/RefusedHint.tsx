import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, Link } from '@backstage/ui';
import { RiLockLine, RiTimeLine } from '@remixicon/react';
import { EntityLink, Sentence } from '../entities';
import { agentsReactTranslationRef } from '../translation';
import type { Refusal } from './refusal';
import styles from './feedback.module.css';

/** Whom to ask: who is told, the support of the app (`app.support`), or those who run it. */
function WhomToAsk({ contactRef }: { contactRef?: string }) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const config = useApi(coreApis.config);
  const url = config.getOptionalString('app.support.url');
  const name =
    config
      .getOptionalConfigArray('app.support.items')?.[0]
      ?.getOptionalString('title') ?? t('feedback.operators');
  let whom = <>{name}</>;
  if (contactRef) {
    whom = <EntityLink entityRef={contactRef} />;
  } else if (url) {
    whom = <Link href={url}>{name}</Link>;
  }
  return <>{t('feedback.ask', { whom })}</>;
}

function sentence(text: string): string {
  return /[.!?。！？]$/.test(text) ? text : `${text}.`;
}

/**
 * A refusal in a calm sentence: with whom to ask, or with the time from which it
 * goes on.
 *
 * @public
 */
export function RefusedHint(props: {
  refusal: Refusal;
  onRetry?: () => void;
  /** Whom to ask; those who support the app unless told. */
  contactRef?: string;
}) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const { refusal, onRetry } = props;
  const { kind, message } = refusal;
  if (kind === 'notAllowed') {
    return (
      <p className={styles.refused} role="note">
        <RiLockLine size={18} aria-hidden />
        <span>
          <Sentence text={sentence(message || t('feedback.notAllowed'))} />{' '}
          {/\bAsk /.test(message) || (
            <WhomToAsk contactRef={props.contactRef} />
          )}
        </span>
      </p>
    );
  }
  const at = refusal.retryAt?.toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (
    <p className={styles.refused} role="note">
      <RiTimeLine size={18} aria-hidden />
      <span>
        <Sentence text={sentence(message || t('feedback.tooMuch'))} />{' '}
        {at && t('feedback.goOnAt', { time: at })}
      </span>
      {onRetry && (
        <Button size="small" variant="secondary" onPress={onRetry}>
          {t('feedback.tryAgain')}
        </Button>
      )}
    </p>
  );
}
