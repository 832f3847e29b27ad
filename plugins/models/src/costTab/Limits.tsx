import { RefusedHint } from '@agentportal/plugin-agents-react';
import {
  managementViewPermission,
  type BudgetScope,
} from '@agentportal/plugin-models-common';
import { usePermission } from '@backstage/plugin-permission-react';
import { ScopeBudgets } from '../budgets/ScopeBudgets';
import { RateLimits } from '../keys/RateLimits';

/** What limits the spending, for those who may see it. */
export function Limits(props: { scope: BudgetScope; title: string }) {
  const mayView = usePermission({ permission: managementViewPermission });
  if (mayView.loading) {
    return null;
  }
  return mayView.allowed ? (
    <>
      <ScopeBudgets {...props} />
      <RateLimits {...props} />
    </>
  ) : (
    <RefusedHint
      refusal={{
        kind: 'notAllowed',
        message: `What ${props.title} may spend is not for you to see`,
      }}
    />
  );
}
