import {
  ErrorPanel,
  RefusedHint,
  useLoad,
} from '@agentportal/plugin-agents-react';
import type {
  BudgetScope,
  BudgetSummary,
  BudgetWindow,
} from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Select,
  TextField,
} from '@backstage/ui';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import {
  ALREADY,
  NEAR_THE_LIMIT,
  nameOfScope,
  previewOf,
  SCOPES,
  WINDOWS,
} from './budgetWords';
import { ScopePicker } from './ScopePicker';
import type { PickedScope } from './ScopePicker';
import { textToThresholds, thresholdsToText } from './thresholds';
import { nanoToUsd, usdToNano } from './usd';
import styles from './budgets.module.css';

const FORM = 'budget-form';
// Keys get theirs where they are made, and a run is over before one is set.
const PICKABLE = SCOPES.filter(({ id }) => id !== 'key' && id !== 'run');

interface BudgetDialogProps {
  /** The budget that is changed; without it a new one is made. */
  budget?: BudgetSummary;
  /** What a new budget is of, where that is settled. */
  scope?: BudgetScope;
  /** Its name. */
  scopeTitle?: string;
  onSaved(budget: BudgetSummary): void;
  onClose(): void;
}

/** Makes or changes a budget, and says what it will do before it is saved. */
export function BudgetDialog(props: BudgetDialogProps) {
  const { budget, onClose, onSaved } = props;
  const api = useApi(modelsApiRef);
  const settled = budget?.scope ?? props.scope;
  const [type, setType] = useState<BudgetScope['type']>(
    settled?.type ?? 'agent',
  );
  const [picked, setPicked] = useState<PickedScope>();
  const [limit, setLimit] = useState(
    budget ? nanoToUsd(budget.limitNanoUsd) : '',
  );
  const [window, setWindow] = useState<BudgetWindow>(budget?.window ?? 'month');
  const [told, setTold] = useState(
    thresholdsToText(
      (budget?.softThresholds ?? [0.5, 0.8]).filter(part => part < 1),
    ),
  );
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<Error>();

  const limitNanoUsd = usdToNano(limit);
  const soft = textToThresholds(told);
  const scope: BudgetScope | undefined =
    settled ??
    (type === 'organisation' ? { type } : picked && { type, ref: picked.ref });
  const name =
    props.scopeTitle ??
    picked?.title ??
    (scope ? nameOfScope(scope) : undefined);
  // Who may not set budgets of something hears it when it is picked, not after the rest is filled in.
  const forScope = useLoad(
    settled || !scope ? undefined : JSON.stringify(scope),
    signal =>
      api.listBudgets(
        {
          scopeType: scope?.type,
          ...(scope?.ref && { scopeRef: scope.ref }),
          limit: 1,
        },
        { signal },
      ),
  );
  const mayNot = forScope.value?.mayCreate === false;
  const isComplete = scope && !mayNot && soft && limitNanoUsd !== undefined;

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!isComplete || isPending) return;
    setPending(true);
    setError(undefined);
    // Whoever answers for it also hears when it is used up.
    const softThresholds = [...new Set([...soft, 1])];
    try {
      onSaved(
        budget
          ? await api.updateBudget(budget.id, { limitNanoUsd, softThresholds })
          : await api.createBudget({
              scope,
              window,
              limitNanoUsd,
              softThresholds,
            }),
      );
    } catch (failure) {
      setError(failure as Error);
      setPending(false);
    }
  };

  return (
    <Dialog isOpen onOpenChange={open => !open && onClose()} width={560}>
      <DialogHeader>
        {budget ? `Budget of ${name}` : 'Set a budget'}
      </DialogHeader>
      <DialogBody>
        <form id={FORM} className={styles.form} onSubmit={save}>
          {!settled && (
            <div className={styles.pair}>
              <Select
                label="For"
                value={type}
                options={PICKABLE.map(({ id, label }) => ({
                  value: id,
                  label,
                }))}
                onChange={key => {
                  setType(key as BudgetScope['type']);
                  setPicked(undefined);
                }}
              />
              {type !== 'organisation' && (
                <ScopePicker
                  key={type}
                  type={type}
                  value={picked}
                  onChange={setPicked}
                />
              )}
            </div>
          )}
          {mayNot && (
            <RefusedHint
              refusal={{
                kind: 'notAllowed',
                message: `You may not set a budget of ${name}`,
              }}
            />
          )}
          <div className={styles.pair}>
            <TextField
              label="Limit in USD"
              inputMode="decimal"
              placeholder="50.00"
              isRequired
              value={limit}
              isInvalid={limit !== '' && limitNanoUsd === undefined}
              description={
                limit !== '' && limitNanoUsd === undefined
                  ? 'Write an amount such as 50 or 0.25.'
                  : undefined
              }
              onChange={setLimit}
            />
            <Select
              label="Renews (UTC)"
              value={window}
              isDisabled={budget !== undefined}
              options={WINDOWS.map(({ id, label }) => ({ value: id, label }))}
              onChange={key => setWindow(key as BudgetWindow)}
            />
          </div>
          <TextField
            label="Tell the owners at"
            secondaryLabel="% of the limit"
            value={told}
            isInvalid={soft === undefined}
            description={
              soft === undefined
                ? 'Write percentages up to 100, such as 50, 80.'
                : 'Separated by commas. They are told at the limit anyway.'
            }
            onChange={setTold}
          />
          <div aria-live="polite">
            {isComplete && name && (
              <div className={styles.preview}>
                <p>
                  {previewOf({
                    name,
                    limitNanoUsd,
                    window,
                    softThresholds: soft,
                  })}
                </p>
                <p>
                  {NEAR_THE_LIMIT} {!budget && ALREADY[window]}
                </p>
              </div>
            )}
          </div>
          {error && (
            <ErrorPanel
              title="The budget could not be saved"
              error={error}
              safe="Nothing was changed."
            />
          )}
        </form>
      </DialogBody>
      <DialogFooter>
        <Button
          type="submit"
          form={FORM}
          variant="primary"
          isPending={isPending}
          isDisabled={!isComplete}
        >
          {budget ? 'Save' : 'Set the budget'}
        </Button>
        <Button variant="secondary" onPress={onClose}>
          Cancel
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
