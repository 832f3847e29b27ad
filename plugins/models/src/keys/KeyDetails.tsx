import {
  CopyButton,
  EntityLink,
  formatCount,
  formatNanoUsd,
  LinesSkeleton,
  RelativeTime,
  StatusMark,
  useLoad,
} from '@agentportal/plugin-agents-react';
import type { KeySummary } from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Text,
} from '@backstage/ui';
import type { ReactNode } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import { ScopeBudgets } from '../budgets/ScopeBudgets';
import { actionWords, STATES } from './keyWords';
import { RateLimits } from './RateLimits';
import styles from './keys.module.css';

interface KeyDetailsProps {
  summary: KeySummary;
  onClose(): void;
}

/** Everything about a key but its secret. */
export function KeyDetails({ summary, onClose }: KeyDetailsProps) {
  const scope = { type: 'key' as const, ref: summary.id };
  return (
    <Dialog isOpen onOpenChange={open => !open && onClose()} width={720}>
      <DialogHeader>{summary.title}</DialogHeader>
      <DialogBody>
        <div className={styles.details}>
          <dl className={styles.facts}>
            <Fact name="State">
              <StatusMark status={summary.state} {...STATES[summary.state]} />
              {summary.revokedBy && (
                <>
                  {' by '}
                  <EntityLink entityRef={summary.revokedBy} />{' '}
                  <RelativeTime value={summary.revokedAt} />
                </>
              )}
            </Fact>
            <Fact name="Owner">
              <EntityLink entityRef={summary.ownerRef} />
            </Fact>
            {summary.systemRef && (
              <Fact name="System">
                <EntityLink entityRef={summary.systemRef} />
              </Fact>
            )}
            <Fact name="Models">
              {summary.models[0] === '*'
                ? 'All, those to come too'
                : summary.models.join(', ')}
            </Fact>
            {summary.dataClassification && (
              <Fact name="Data">{`Up to ${summary.dataClassification}`}</Fact>
            )}
            <Fact name="Expires">
              <RelativeTime value={summary.expiresAt} fallback="Never" />
            </Fact>
            <Fact name="Made">
              <RelativeTime value={summary.createdAt} />
              {' by '}
              <EntityLink entityRef={summary.createdBy} />
            </Fact>
            <Fact name="This month">
              {`${formatNanoUsd(summary.month.costNanoUsd)} in ${formatCount(
                summary.month.calls,
              )} ${summary.month.calls === 1 ? 'call' : 'calls'}`}
            </Fact>
            <Fact name="Id">
              <code>{summary.id}</code>
              <CopyButton text={summary.id} what="key id" />
            </Fact>
          </dl>
          <Secrets summary={summary} />
          <ScopeBudgets scope={scope} title={summary.title} />
          <RateLimits scope={scope} title={summary.title} />
          <History id={summary.id} />
        </div>
      </DialogBody>
      <DialogFooter>
        <Button variant="secondary" onPress={onClose}>
          Close
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Secrets({ summary }: { summary: KeySummary }) {
  if (summary.secrets.length === 0) return null;
  return (
    <section aria-label="Secrets">
      <h3 className={styles.heading}>Secrets</h3>
      <ul className={styles.plain}>
        {summary.secrets.map(secret => (
          <li key={secret.hint}>
            <code>{secret.hint}</code>{' '}
            <Text variant="body-small" color="secondary">
              made <RelativeTime value={secret.createdAt} />,{' '}
              {secret.lastUsedOn
                ? `last used on ${secret.lastUsedOn}`
                : 'never used'}
              {secret.endsAt && (
                <>
                  , ends <RelativeTime value={secret.endsAt} />
                </>
              )}
            </Text>
          </li>
        ))}
      </ul>
    </section>
  );
}

function History({ id }: { id: string }) {
  const keysApi = useApi(modelsApiRef);
  const history = useLoad(id, signal =>
    keysApi.getKeyHistory(id, { limit: 10 }, { signal }),
  );
  return (
    <section aria-label="History">
      <h3 className={styles.heading}>History</h3>
      {history.isPending && !history.value && <LinesSkeleton lines={2} />}
      {history.error && (
        <div role="alert">
          <Text color="secondary">The history could not be read. </Text>
          <Button size="small" variant="secondary" onPress={history.reload}>
            Try again
          </Button>
        </div>
      )}
      <ul className={styles.plain}>
        {history.value?.items.map(change => (
          <li key={change.id}>
            {actionWords(change.action)} by <EntityLink entityRef={change.by} />{' '}
            <RelativeTime value={change.at} />
          </li>
        ))}
      </ul>
    </section>
  );
}
