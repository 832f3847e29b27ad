import { coreApis, useApi } from '@backstage/frontend-plugin-api';
import { Button, Link } from '@backstage/ui';
import { RiLockLine, RiTimeLine } from '@remixicon/react';
import { EntityLink, Sentence } from '../entities';
import type { Refusal } from './refusal';
import styles from './feedback.module.css';

/** Whom to ask: who is told, the support of the app (`app.support`), or those who run it. */
function WhomToAsk({ contactRef }: { contactRef?: string }) {
  const config = useApi(coreApis.config);
  const url = config.getOptionalString('app.support.url');
  const name =
    config
      .getOptionalConfigArray('app.support.items')?.[0]
      ?.getOptionalString('title') ?? 'the people who run this portal';
  if (contactRef) {
    return (
      <>
        Ask <EntityLink entityRef={contactRef} /> if you need it.
      </>
    );
  }
  return <>Ask {url ? <Link href={url}>{name}</Link> : name} if you need it.</>;
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
  const { refusal, onRetry } = props;
  const { kind, message } = refusal;
  if (kind === 'notAllowed') {
    return (
      <p className={styles.refused} role="note">
        <RiLockLine size={18} aria-hidden />
        <span>
          <Sentence text={sentence(message || 'You may not see or do this')} />{' '}
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
        <Sentence text={sentence(message || 'That is too much at once')} />{' '}
        {at && `You can go on at ${at}.`}
      </span>
      {onRetry && (
        <Button size="small" variant="secondary" onPress={onRetry}>
          Try again
        </Button>
      )}
    </p>
  );
}
