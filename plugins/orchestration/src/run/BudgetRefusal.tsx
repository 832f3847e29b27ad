import { EntityLink, formatNanoUsd } from '@agentportal/plugin-agents-react';
import type { RefusedBudget } from '@agentportal/plugin-orchestration-common';
import { parseEntityRef } from '@backstage/catalog-model';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';
import { RiMoneyDollarCircleLine } from '@remixicon/react';
import styles from './run.module.css';

/** Windows in words, after the money. */
function per(window: string): string {
  return window === 'total'
    ? 'in total'
    : `${window === 'hour' ? 'an' : 'a'} ${window}`;
}

/** What the budget is of, where that is an entity. */
function entityRefOf({ scope }: RefusedBudget): string | undefined {
  try {
    return scope.ref && /^\w+:/.test(scope.ref) && parseEntityRef(scope.ref)
      ? scope.ref
      : undefined;
  } catch {
    return undefined;
  }
}

/** When in words; a budget of hours renews at a time, others on a day. */
function renewal(at: Date): string {
  const day = at.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const time = at.toISOString().slice(11, 16);
  return time === '00:00' ? `on ${day} (UTC)` : `at ${time} (UTC) on ${day}`;
}

/** That a budget has no room is no fault: what it is of, until when, and whom to ask. */
export function BudgetRefusal({ budget }: { budget: RefusedBudget }) {
  const { contactRef, limitNanoUsd, renewsAt, scope, window } = budget;
  const entityLink = useEntityRefLink();
  const ref = entityRefOf(budget);
  return (
    <p className={styles.refused} role="note">
      <RiMoneyDollarCircleLine size={18} aria-hidden />
      <span>
        The budget of{' '}
        {ref ? (
          <EntityLink entityRef={ref} />
        ) : (
          scope.ref ?? `the ${scope.type}`
        )}
        , {formatNanoUsd(limitNanoUsd)} {per(window)}, has no room for this
        call.{' '}
        {renewsAt
          ? `It renews ${renewal(new Date(renewsAt))}.`
          : 'It does not renew.'}{' '}
        Ask{' '}
        {contactRef ? (
          <EntityLink entityRef={contactRef} />
        ) : (
          'those who run the portal'
        )}{' '}
        to raise it.{' '}
        {ref && <Link href={`${entityLink(ref)}/cost`}>See the budget</Link>}
      </span>
    </p>
  );
}
