import { ErrorPanel } from '@agentportal/plugin-agents-react';
import type { BudgetSummary } from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Text,
} from '@backstage/ui';
import { useState } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import { limitWords, nameOfScope } from './budgetWords';

/** Asks whether a limit may really go. */
export function DeleteBudget(props: {
  budget: BudgetSummary;
  onDeleted(): void;
  onClose(): void;
}) {
  const { budget, onClose, onDeleted } = props;
  const api = useApi(modelsApiRef);
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<Error>();
  const remove = async () => {
    setPending(true);
    setError(undefined);
    try {
      await api.deleteBudget(budget.id);
      onDeleted();
    } catch (failure) {
      setError(failure as Error);
      setPending(false);
    }
  };
  return (
    <Dialog isOpen onOpenChange={open => !open && onClose()} width={480}>
      <DialogHeader>{`Delete the budget of ${nameOfScope(
        budget.scope,
      )}?`}</DialogHeader>
      <DialogBody>
        <Text as="p">
          It limits calls to {limitWords(budget.limitNanoUsd, budget.window)}.
          Without it they are only limited by other budgets that apply. Its
          history stays.
        </Text>
        {error && (
          <ErrorPanel
            title="The budget could not be deleted"
            error={error}
            safe="It still holds."
          />
        )}
      </DialogBody>
      <DialogFooter>
        <Button
          variant="primary"
          destructive
          isPending={isPending}
          onPress={remove}
        >
          Delete the budget
        </Button>
        <Button variant="secondary" onPress={onClose}>
          Keep it
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
