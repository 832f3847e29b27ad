import { CopyButton } from '@agentportal/plugin-agents-react';
import type { WebhookSecret } from '@agentportal/plugin-orchestration-common';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Text,
} from '@backstage/ui';
import styles from './triggers.module.css';

/** A secret, the one time that it can be read, and where to send what is signed with it. */
export function WebhookSecretShown(props: {
  made: WebhookSecret;
  onClose(): void;
}) {
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
      <DialogHeader>The secret of the webhook</DialogHeader>
      <DialogBody>
        <div className={styles.secretForm}>
          <Alert
            status="warning"
            icon
            title="Copy it now. It cannot be shown again."
          />
          {(
            [
              ['Secret', made.secret],
              ['Address', made.url],
            ] as const
          ).map(([what, text]) => (
            <div key={what} className={styles.secret}>
              <code aria-label={what}>{text}</code>
              <CopyButton text={text} what={what.toLocaleLowerCase('en-US')} />
            </div>
          ))}
          <Text variant="body-small" color="secondary">
            Send JSON there, signed as Standard Webhooks says: most systems that
            send webhooks, and a library for each language, do.
            {made.previousValidUntil &&
              ' The secret of before is good for a day more.'}
          </Text>
        </div>
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" onPress={onClose}>
          I have stored it
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
