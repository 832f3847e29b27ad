import {
  ConfirmDialog,
  formatCount,
  RowsSkeleton,
  useLoad,
} from '@agentportal/plugin-agents-react';
import type {
  BudgetScope,
  RateLimitSummary,
  RateMeasure,
} from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Select, Text, TextField } from '@backstage/ui';
import { useState } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import styles from './keys.module.css';

const MEASURES: Record<RateMeasure, { label: string; unit: string }> = {
  requests: { label: 'Requests a minute', unit: 'requests a minute' },
  tokens: { label: 'Tokens a minute', unit: 'tokens a minute' },
  parallel: { label: 'Calls at once', unit: 'calls at once' },
};

interface RateLimitsProps {
  scope: BudgetScope;
  /** Its name. */
  title: string;
}

/** How fast one thing may call models, and how much of it is left now. */
export function RateLimits({ scope, title }: RateLimitsProps) {
  const api = useApi(modelsApiRef);
  const limits = useLoad(JSON.stringify(scope), signal =>
    api.listRateLimits(
      {
        scopeType: scope.type,
        ...(scope.ref ? { scopeRef: scope.ref } : {}),
        limit: 100,
      },
      { signal },
    ),
  );
  const [changing, setChanging] = useState<RateLimitSummary | 'new'>();
  const items = limits.value?.items ?? [];
  const done = () => {
    setChanging(undefined);
    limits.reload();
  };
  return (
    <section aria-label="Rate limits">
      <div className={styles.head}>
        <h3 className={styles.heading}>Rate limits</h3>
        <Button
          size="small"
          variant="secondary"
          isDisabled={!limits.value}
          onPress={() => setChanging('new')}
        >
          Set a rate limit
        </Button>
      </div>
      {limits.isPending && !limits.value && (
        <RowsSkeleton rows={1} rowHeight={40} />
      )}
      {limits.error && (
        <div role="alert">
          <Text color="secondary">
            The rate limits could not be read; they hold all the same.{' '}
          </Text>
          <Button size="small" variant="secondary" onPress={limits.reload}>
            Try again
          </Button>
        </div>
      )}
      {limits.value && items.length === 0 && (
        <Text color="secondary">
          Nothing limits how fast {title} calls but the limits of what it
          belongs to.
        </Text>
      )}
      <ul className={styles.plain}>
        {items.map(limit => (
          <li key={limit.id} className={styles.limit}>
            <span>
              {formatCount(limit.limit)} {MEASURES[limit.measure].unit}
            </span>
            <Text variant="body-small" color="secondary">
              {formatCount(limit.usage.left)} left now
            </Text>
            {limit.editable && (
              <Button
                size="small"
                variant="tertiary"
                onPress={() => setChanging(limit)}
              >
                Change
              </Button>
            )}
          </li>
        ))}
      </ul>
      {changing && (
        <RateLimitDialog
          scope={scope}
          limit={changing === 'new' ? undefined : changing}
          taken={items.map(limit => limit.measure)}
          onDone={done}
          onClose={() => setChanging(undefined)}
        />
      )}
    </section>
  );
}

/** Sets, changes or takes away one limit. */
function RateLimitDialog(props: {
  scope: BudgetScope;
  limit?: RateLimitSummary;
  taken: RateMeasure[];
  onDone(): void;
  onClose(): void;
}) {
  const { limit, scope } = props;
  const api = useApi(modelsApiRef);
  const free = (Object.keys(MEASURES) as RateMeasure[]).filter(
    measure => !props.taken.includes(measure),
  );
  const [measure, setMeasure] = useState<RateMeasure>(
    limit?.measure ?? free[0] ?? 'requests',
  );
  const [amount, setAmount] = useState(limit ? String(limit.limit) : '');
  const isNumber = /^\d{1,12}$/.test(amount.trim());
  const save = async () => {
    const most = amount.trim();
    if (limit && most === '') {
      await api.deleteRateLimit(limit.id);
    } else if (limit) {
      await api.updateRateLimit(limit.id, { limit: Number(most) });
    } else {
      await api.createRateLimit({ scope, measure, limit: Number(most) });
    }
    props.onDone();
  };
  return (
    <ConfirmDialog
      title={limit ? 'Change the rate limit' : 'Set a rate limit'}
      action="Save"
      failure="The rate limit was not saved"
      isIncomplete={!isNumber && !(limit && amount.trim() === '')}
      onConfirm={save}
      onClose={props.onClose}
    >
      {!limit && (
        <Select
          label="Limit"
          value={measure}
          options={(Object.keys(MEASURES) as RateMeasure[]).map(id => ({
            value: id,
            label: MEASURES[id].label,
          }))}
          onChange={key => setMeasure(key as RateMeasure)}
        />
      )}
      <TextField
        label={MEASURES[measure].label}
        inputMode="numeric"
        value={amount}
        onChange={setAmount}
        description={
          limit
            ? 'Empty takes the limit away.'
            : 'Calls beyond are refused and told when to come back.'
        }
      />
    </ConfirmDialog>
  );
}
