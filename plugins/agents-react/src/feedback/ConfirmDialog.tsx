import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
} from '@backstage/ui';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { agentsReactTranslationRef } from '../translation';
import { ErrorPanel } from './ErrorPanel';
import styles from './feedback.module.css';

/**
 * Props of {@link ConfirmDialog}.
 *
 * @public
 */
export interface ConfirmDialogProps {
  title: string;
  children: ReactNode;
  /** What the button that does it says. */
  action: string;
  /** What the button that does not says. */
  keep?: string;
  destructive?: boolean;
  isIncomplete?: boolean;
  /** What happened, should it not work. */
  failure: string;
  onConfirm(): Promise<void>;
  onClose(): void;
}

/** A form may be longer than the dialog is high; what went wrong is below it. */
function intoSight(element: HTMLElement | null) {
  element?.scrollIntoView?.({ block: 'nearest' });
}

/**
 * Asks before something is done, and says when it could not be.
 *
 * @public
 */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<Error>();
  const confirm = async () => {
    setPending(true);
    setError(undefined);
    try {
      await props.onConfirm();
    } catch (failure) {
      setError(failure as Error);
      setPending(false);
    }
  };
  return (
    <Dialog isOpen onOpenChange={open => !open && props.onClose()} width={540}>
      <DialogHeader>{props.title}</DialogHeader>
      <DialogBody>
        <div className={styles.confirm}>
          {props.children}
          {error && (
            <div ref={intoSight}>
              <ErrorPanel
                title={props.failure}
                error={error}
                safe={t('feedback.nothingChanged')}
              />
            </div>
          )}
        </div>
      </DialogBody>
      <DialogFooter>
        <Button
          variant="primary"
          destructive={props.destructive}
          isDisabled={props.isIncomplete}
          isPending={isPending}
          onPress={confirm}
        >
          {props.action}
        </Button>
        <Button variant="secondary" onPress={props.onClose}>
          {props.keep ?? t('feedback.cancel')}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
