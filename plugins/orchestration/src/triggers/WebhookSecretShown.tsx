import { CopyButton } from '@agentportal/plugin-agents-react';
import type { WebhookSecret } from '@agentportal/plugin-orchestration-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Text,
} from '@backstage/ui';
import { orchestrationTranslationRef } from '../translation';
import styles from './triggers.module.css';

/** A secret, the one time that it can be read, and where to send what is signed with it. */
export function WebhookSecretShown(props: {
  made: WebhookSecret;
  onClose(): void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { made, onClose } = props;
  return (
    // A slip must not close what cannot be opened again.
    <Dialog
      isOpen
      isDismissable={false}
      isKeyboardDismissDisabled
      onOpenChange={open => !open && onClose()}
      width={640}
    >
      <DialogHeader>
        {t('webhookSecretShown.theSecretOfTheWebhook')}
      </DialogHeader>
      <DialogBody>
        <div className={styles.secretForm}>
          <Alert
            status="warning"
            icon
            title={t('webhookSecretShown.copyItNowItCannot')}
          />
          {(
            [
              [t('webhookSecretShown.secret'), made.secret],
              [t('webhookSecretShown.address'), made.url],
            ] as const
          ).map(([what, text]) => (
            <div key={what} className={styles.secret}>
              <code aria-label={what}>{text}</code>
              <CopyButton text={text} what={what.toLocaleLowerCase('en-US')} />
            </div>
          ))}
          <Text variant="body-small" color="secondary">
            {t('webhookSecretShown.sendJsonThereSignedAs')}
            {made.previousValidUntil &&
              t('webhookSecretShown.theSecretOfBeforeIs')}
          </Text>
        </div>
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" onPress={onClose}>
          {t('webhookSecretShown.iHaveStoredIt')}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
