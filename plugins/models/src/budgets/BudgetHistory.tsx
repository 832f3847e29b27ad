import {
  EmptyHint,
  EntityLink,
  ErrorPanel,
  LinesSkeleton,
  RelativeTime,
  usePages,
} from '@agentportal/plugin-agents-react';
import type {
  BudgetChange,
  BudgetSummary,
} from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
} from '@backstage/ui';
import { modelsApiRef } from '../api/modelsApiRef';
import { limitWords, nameOfScope } from './budgetWords';
import { thresholdsToText } from './thresholds';
import { readableUsd } from './usd';
import styles from './budgets.module.css';

/** Who changed a budget, when, and from what to what. */
export function BudgetHistory(props: {
  budget: BudgetSummary;
  onClose(): void;
}) {
  const { budget, onClose } = props;
  const api = useApi(modelsApiRef);
  const changes = usePages<BudgetChange>(budget.id, (cursor, signal) =>
    api.getBudgetHistory(
      budget.id,
      { limit: 25, ...(cursor ? { cursor } : {}) },
      { signal },
    ),
  );
  return (
    <Dialog isOpen onOpenChange={open => !open && onClose()} width={560}>
      <DialogHeader>{`Budget of ${nameOfScope(
        budget.scope,
      )}: history`}</DialogHeader>
      <DialogBody>
        {changes.isPending && <LinesSkeleton lines={4} />}
        {changes.error && (
          <ErrorPanel
            title="The history could not be read"
            error={changes.error}
            safe="The budget holds all the same."
            onRetry={changes.reload}
          />
        )}
        {!changes.isPending && !changes.error && changes.items.length === 0 && (
          <EmptyHint title="Nothing was changed yet" />
        )}
        <ol className={styles.changes}>
          {changes.items.map(change => (
            <li key={change.id} className={styles.change}>
              <div>{wordsOf(change)}</div>
              <div className={styles.small}>
                <Who name={change.by} /> · <RelativeTime value={change.at} />
              </div>
            </li>
          ))}
        </ol>
        {changes.hasMore && (
          <Button
            variant="secondary"
            isPending={changes.isLoadingMore}
            onPress={changes.loadMore}
          >
            Show older changes
          </Button>
        )}
      </DialogBody>
      <DialogFooter>
        <Button variant="secondary" onPress={onClose}>
          Close
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

function Who({ name }: { name: string }) {
  return /^(user|group|agent|system|domain):/.test(name) ? (
    <EntityLink entityRef={name} />
  ) : (
    <span>{name}</span>
  );
}

function wordsOf({ action, after, before }: BudgetChange): string {
  if (action === 'deleted') {
    return before
      ? `Deleted; it was ${limitWords(before.limitNanoUsd, before.window)}`
      : 'Deleted';
  }
  if (!before || !after) {
    return after
      ? `Set to ${limitWords(after.limitNanoUsd, after.window)}`
      : 'Set';
  }
  const parts: string[] = [];
  if (before.limitNanoUsd !== after.limitNanoUsd) {
    parts.push(
      `Limit from ${readableUsd(before.limitNanoUsd)} to ${readableUsd(
        after.limitNanoUsd,
      )} USD`,
    );
  }
  const told = [before, after].map(
    ({ softThresholds }) =>
      thresholdsToText(softThresholds.filter(part => part < 1)) || 'no',
  );
  if (told[0] !== told[1]) {
    parts.push(
      `${parts.length ? 'told' : 'Told'} at ${told[1]} % instead of ${
        told[0]
      } %`,
    );
  }
  return parts.join('; ') || 'Saved without a change';
}
