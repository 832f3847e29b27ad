import { EntityLink } from '@agentportal/plugin-agents-react';
import type { BudgetScope } from '@agentportal/plugin-models-common';
import { nameOfScope, SCOPES } from './budgetWords';

/** What a budget is of: a link where it has a page. */
export function ScopeName({ scope }: { scope: BudgetScope }) {
  const hasPage = SCOPES.find(each => each.id === scope.type)?.kinds;
  return hasPage && scope.ref ? (
    <EntityLink entityRef={scope.ref} withAvatar={scope.type === 'agent'} />
  ) : (
    <span>{nameOfScope(scope)}</span>
  );
}
