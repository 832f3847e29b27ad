import {
  EntityLink,
  ErrorPanel,
  LinesSkeleton,
  StatusMark,
  approvalsApiRef,
  formatDuration,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Text,
} from '@backstage/ui';
import { agentsTranslationRef } from '../translation';
import styles from './approvals.module.css';

/** How people have decided lately, for those to whom requests are handed on. */
export function ApproversDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const api = useApi(approvalsApiRef);
  const loaded = useLoad('approvers', signal => api.listApprovers({ signal }));
  const { days, items = [] } = loaded.value ?? {};
  return (
    <Dialog isOpen onOpenChange={open => !open && onClose()} width={600}>
      <DialogHeader>{t('approversDialog.howPeopleDecide')}</DialogHeader>
      <DialogBody>
        {loaded.error && (
          <ErrorPanel
            title={t('approversDialog.itCouldNotBeLoaded')}
            error={loaded.error}
            onRetry={loaded.reload}
          />
        )}
        {!loaded.value && !loaded.error && <LinesSkeleton lines={4} />}
        {loaded.value && items.length === 0 && (
          <Text as="p">Nobody has decided in the last {days} days.</Text>
        )}
        <ul className={styles.entries}>
          {items.map(each => (
            <li key={each.ref}>
              <EntityLink entityRef={each.ref} /> approved {each.approved} of{' '}
              {each.count}
              {each.medianSeconds !== undefined &&
                `, half of them within ${formatDuration(
                  each.medianSeconds * 1_000,
                )}`}{' '}
              {each.isHasty && (
                <StatusMark
                  status="hasty"
                  tone="attention"
                  label={t('approversDialog.asIfNothingWasRead')}
                />
              )}
            </li>
          ))}
        </ul>
        <p className={styles.quiet}>
          Times are from when it was asked, or from the decision before.
          {days && ` The last ${days} days.`}
        </p>
      </DialogBody>
      <DialogFooter>
        <Button variant="secondary" onPress={onClose}>
          {t('approversDialog.close')}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
