import type { Approval } from '@agentportal/plugin-agents-common';
import {
  ConfirmDialog,
  ErrorPanel,
  LinesSkeleton,
  Sentence,
  approvalsApiRef,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import { useRef } from 'react';
import { agentsTranslationRef } from '../translation';
import styles from './approvals.module.css';

/** Something in it is unusual, so it is not decided unread. */
const isPlain = (approval: Approval) =>
  approval.can.approve.allowed && approval.unusual.length === 0;

/** Approves several requests at once: each is read again first, and those with something unusual are left out. */
export function BulkDialog(props: {
  ids: readonly string[];
  onDone(): void;
  onClose(): void;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { ids, onClose, onDone } = props;
  const api = useApi(approvalsApiRef);
  const read = useLoad(ids.join(' '), signal =>
    Promise.all(ids.map(id => api.getApproval(id, { signal }))),
  );
  const approved = useRef(new Set<string>());
  const plain = read.value?.filter(isPlain) ?? [];
  const left = ids.length - plain.length;
  return (
    <ConfirmDialog
      title={`Approve ${
        plain.length === 1 ? 'one request' : `${plain.length} requests`
      }?`}
      action={`Approve ${plain.length}`}
      isIncomplete={plain.length === 0}
      failure={t('bulkDialog.notAllWereApproved')}
      onClose={onClose}
      onConfirm={async () => {
        for (const { digest, id } of plain) {
          // Once more after a failure: what was approved then is not asked again.
          if (!approved.current.has(id)) {
            await api.decide(id, { decision: 'approve', digest });
            approved.current.add(id);
          }
        }
        onDone();
      }}
    >
      {read.error && (
        <ErrorPanel
          title={t('bulkDialog.theRequestsCouldNotBe')}
          error={read.error}
          onRetry={read.reload}
        />
      )}
      {!read.value && !read.error && <LinesSkeleton lines={ids.length} />}
      <ul className={styles.bulk}>
        {plain.map(each => (
          <li key={each.id}>
            <Sentence text={each.title} plain />
          </li>
        ))}
      </ul>
      {read.value && left > 0 && (
        <Text as="p">
          {left === 1 ? 'One is' : `${left} are`} left out: something in{' '}
          {left === 1 ? 'it' : 'them'} is unusual, or it is decided already.
          Look at {left === 1 ? 'it' : 'each'} by itself.
        </Text>
      )}
    </ConfirmDialog>
  );
}
