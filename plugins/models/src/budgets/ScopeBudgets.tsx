import { RowsSkeleton, useLoad } from '@agentportal/plugin-agents-react';
import type { BudgetScope } from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Text } from '@backstage/ui';
import { RiAddLine } from '@remixicon/react';
import { modelsApiRef } from '../api/modelsApiRef';
import { BudgetRow } from './BudgetRow';
import { NEAR_THE_LIMIT } from './budgetWords';
import { useBudgetDialogs } from './useBudgetDialogs';
import styles from './budgets.module.css';

interface ScopeBudgetsProps {
  scope: BudgetScope;
  /** Its name. */
  title: string;
}

/** The budgets of one thing, and the way to one. */
export function ScopeBudgets({ scope, title }: ScopeBudgetsProps) {
  const api = useApi(modelsApiRef);
  const budgets = useLoad(JSON.stringify(scope), signal =>
    api.listBudgets(
      {
        scopeType: scope.type,
        ...(scope.ref ? { scopeRef: scope.ref } : {}),
        order: 'nearest',
        limit: 100,
      },
      { signal },
    ),
  );
  const { create, dialog, open } = useBudgetDialogs(budgets.reload);
  const { error, value } = budgets;
  return (
    <section className={styles.section} aria-label="Budgets">
      <div className={styles.sectionHead}>
        <h3 className={styles.heading}>Budgets</h3>
        {value?.mayCreate && (
          <Button
            variant="secondary"
            iconStart={<RiAddLine />}
            onPress={() => create(scope, title)}
          >
            Set a budget
          </Button>
        )}
      </div>
      {error && (
        <div role="alert">
          <Text color="secondary">
            The budgets could not be read; they hold all the same.{' '}
          </Text>
          <Button size="small" variant="secondary" onPress={budgets.reload}>
            Try again
          </Button>
        </div>
      )}
      {!value && !error && (
        <div className={styles.frame}>
          <RowsSkeleton rows={1} rowHeight={62} />
        </div>
      )}
      {value?.items.length === 0 && (
        <Text color="secondary">
          Nothing limits what {title} spends but the budgets of what it belongs
          to. {value.mayCreate && NEAR_THE_LIMIT}
        </Text>
      )}
      {value && value.items.length > 0 && (
        <div className={styles.frame}>
          <ul className={styles.list}>
            {value.items.map(budget => (
              <BudgetRow key={budget.id} budget={budget} onAction={open} />
            ))}
          </ul>
        </div>
      )}
      {dialog}
    </section>
  );
}
