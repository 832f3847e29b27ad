import { RelativeTime, formatNanoUsd } from '@agentportal/plugin-agents-react';
import type { BudgetSummary } from '@agentportal/plugin-models-common';
import { ButtonIcon, Menu, MenuItem, MenuTrigger } from '@backstage/ui';
import {
  RiDeleteBinLine,
  RiEditLine,
  RiHistoryLine,
  RiMore2Line,
} from '@remixicon/react';
import { BudgetBar } from './BudgetBar';
import {
  limitWords,
  nameOfScope,
  percent,
  SCOPES,
  sourceWords,
} from './budgetWords';
import { ScopeName } from './ScopeName';
import styles from './budgets.module.css';

/** What a person can ask of one budget. */
export type BudgetAction = 'edit' | 'delete' | 'history';

interface BudgetRowProps {
  budget: BudgetSummary;
  /** Somebody came here for this one. */
  isWanted?: boolean;
  onAction(action: BudgetAction, budget: BudgetSummary): void;
}

/** One budget: of what, how much, how much of it is left, and until when. */
export function BudgetRow({ budget, isWanted, onAction }: BudgetRowProps) {
  const { limitNanoUsd, scope, softThresholds = [], usage, window } = budget;
  const source = sourceWords(budget);
  const soft = softThresholds.filter(threshold => threshold < 1);
  return (
    <li className={styles.row} data-wanted={isWanted || undefined}>
      <div className={styles.what}>
        <span className={styles.name}>
          <ScopeName scope={scope} />
        </span>
        <span className={styles.small}>
          {SCOPES.find(each => each.id === scope.type)?.label ?? scope.type} ·{' '}
          {limitWords(limitNanoUsd, window)}
          {soft.length > 0 && ` · told at ${soft.map(percent).join(', ')}`}
        </span>
      </div>
      <div className={styles.barCell}>
        <BudgetBar budget={budget} />
      </div>
      <div className={styles.left}>
        <span>{formatNanoUsd(usage.leftNanoUsd)} left</span>
        <span className={styles.small}>
          {usage.renewsAt ? (
            <>
              renews <RelativeTime value={usage.renewsAt} />
            </>
          ) : (
            'does not renew'
          )}
        </span>
      </div>
      <div className={styles.source} title={source.hint}>
        <span className={styles.small}>{source.label}</span>
        {!budget.editable && <span className={styles.small}>read only</span>}
      </div>
      <div className={styles.menu}>
        <MenuTrigger>
          <ButtonIcon
            variant="tertiary"
            aria-label={`Actions for the budget of ${nameOfScope(scope)}`}
            icon={<RiMore2Line />}
          />
          <Menu placement="bottom right">
            <MenuItem
              iconStart={<RiEditLine />}
              isDisabled={!budget.editable}
              onAction={() => onAction('edit', budget)}
            >
              {budget.editable ? 'Change' : `Change: ${source.hint}`}
            </MenuItem>
            <MenuItem
              iconStart={<RiHistoryLine />}
              onAction={() => onAction('history', budget)}
            >
              History
            </MenuItem>
            {budget.editable ? (
              <MenuItem
                iconStart={<RiDeleteBinLine />}
                color="danger"
                onAction={() => onAction('delete', budget)}
              >
                Delete
              </MenuItem>
            ) : null}
          </Menu>
        </MenuTrigger>
      </div>
    </li>
  );
}
