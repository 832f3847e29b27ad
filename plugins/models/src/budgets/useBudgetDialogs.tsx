import type {
  BudgetScope,
  BudgetSummary,
} from '@agentportal/plugin-models-common';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { BudgetDialog } from './BudgetDialog';
import { BudgetHistory } from './BudgetHistory';
import type { BudgetAction } from './BudgetRow';
import { DeleteBudget } from './DeleteBudget';

type Opened =
  | { action: 'create'; scope?: BudgetScope; scopeTitle?: string }
  | { action: BudgetAction; budget: BudgetSummary };

/** The dialogs about budgets, one at a time. */
export function useBudgetDialogs(onChanged: () => void): {
  dialog: ReactNode;
  open(action: BudgetAction, budget: BudgetSummary): void;
  create(scope?: BudgetScope, scopeTitle?: string): void;
} {
  const [opened, setOpened] = useState<Opened>();
  const close = () => setOpened(undefined);
  const changed = () => {
    close();
    onChanged();
  };
  return {
    open: (action, budget) => setOpened({ action, budget }),
    create: (scope, scopeTitle) =>
      setOpened({ action: 'create', scope, scopeTitle }),
    dialog: opened && dialogFor(opened, { close, changed }),
  };
}

function dialogFor(
  opened: Opened,
  { changed, close }: { changed(): void; close(): void },
) {
  switch (opened.action) {
    case 'create':
      return (
        <BudgetDialog
          scope={opened.scope}
          scopeTitle={opened.scopeTitle}
          onSaved={changed}
          onClose={close}
        />
      );
    case 'edit':
      return (
        <BudgetDialog
          budget={opened.budget}
          onSaved={changed}
          onClose={close}
        />
      );
    case 'delete':
      return (
        <DeleteBudget
          budget={opened.budget}
          onDeleted={changed}
          onClose={close}
        />
      );
    default:
      return <BudgetHistory budget={opened.budget} onClose={close} />;
  }
}
