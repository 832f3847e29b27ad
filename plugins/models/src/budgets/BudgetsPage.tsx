import {
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  usePages,
  useSettled,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import type {
  BudgetScope,
  BudgetSummary,
} from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Container, SearchField, Select } from '@backstage/ui';
import { RiAddLine } from '@remixicon/react';
import { useState } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import { BudgetRow } from './BudgetRow';
import { NEAR_THE_LIMIT, SCOPES } from './budgetWords';
import { useBudgetDialogs } from './useBudgetDialogs';
import styles from './budgets.module.css';

const STATE = { q: '', type: '', budget: '' };

const MAY_NOT = 'Ask for the permission models.budget.write to set budgets.';

/** Every budget that a person may see, the nearest to its limit first. */
export function BudgetsPage() {
  const api = useApi(modelsApiRef);
  const [state, update] = useUrlState(STATE);
  const q = useSettled(state.q.trim());
  const [mayCreate, setMayCreate] = useState(false);
  const budgets = usePages<BudgetSummary>(
    JSON.stringify([q, state.type]),
    async (cursor, signal) => {
      const page = await api.listBudgets(
        {
          order: 'nearest',
          limit: 50,
          ...(cursor ? { cursor } : {}),
          ...(q ? { q } : {}),
          ...(state.type
            ? { scopeType: state.type as BudgetScope['type'] }
            : {}),
        },
        { signal },
      );
      setMayCreate(page.mayCreate);
      return page;
    },
  );
  const { create, dialog, open } = useBudgetDialogs(budgets.reload);
  const isFiltered = Boolean(q || state.type);
  const isEmpty =
    !budgets.isPending && !budgets.error && budgets.items.length === 0;

  return (
    <Container className={styles.page}>
      <p className={styles.intro}>
        A budget limits what model calls may cost. {NEAR_THE_LIMIT}
      </p>
      <div className={styles.filters}>
        <SearchField
          className={styles.search}
          aria-label="Find a budget"
          placeholder="Find a budget"
          value={state.q}
          onChange={text => update({ q: text }, { replace: true })}
        />
        <Select
          className={styles.type}
          aria-label="Of what"
          value={state.type || 'all'}
          options={[
            { value: 'all', label: 'Of everything' },
            ...SCOPES.map(({ id, label }) => ({ value: id, label })),
          ]}
          onChange={key => update({ type: key === 'all' ? '' : String(key) })}
        />
        <div className={styles.end}>
          {!budgets.isPending && !budgets.error && !mayCreate && (
            <span className={styles.small}>{MAY_NOT}</span>
          )}
          {mayCreate && (
            <Button
              variant="primary"
              iconStart={<RiAddLine />}
              onPress={() => create()}
            >
              Set a budget
            </Button>
          )}
        </div>
      </div>

      {budgets.isPending && (
        <div className={styles.frame}>
          <RowsSkeleton rows={5} rowHeight={62} />
        </div>
      )}
      {budgets.error && (
        <ErrorPanel
          title="The budgets could not be read"
          error={budgets.error}
          safe="They all hold; only this view is missing."
          onRetry={budgets.reload}
        />
      )}
      {isEmpty && isFiltered && (
        <EmptyHint
          title="No budget fits"
          actions={
            <Button
              variant="secondary"
              onPress={() => update({ q: '', type: '' })}
            >
              Clear search and filter
            </Button>
          }
        >
          Try another word, or look at all of them.
        </EmptyHint>
      )}
      {isEmpty && !isFiltered && (
        <EmptyHint title="There are no budgets yet">
          Without one, agents and people may spend on models what they like. Set
          one here, write it under models.budgets in app-config, or annotate an
          entity with agentportal.dev/monthly-budget-usd.
        </EmptyHint>
      )}
      {budgets.items.length > 0 && (
        <div className={styles.frame}>
          <ul className={styles.list}>
            {budgets.items.map(budget => (
              <BudgetRow
                key={budget.id}
                budget={budget}
                isWanted={budget.id === state.budget}
                onAction={open}
              />
            ))}
          </ul>
        </div>
      )}
      {budgets.hasMore && (
        <Button
          variant="secondary"
          isPending={budgets.isLoadingMore}
          onPress={budgets.loadMore}
        >
          Show more budgets
        </Button>
      )}
      {dialog}
    </Container>
  );
}
