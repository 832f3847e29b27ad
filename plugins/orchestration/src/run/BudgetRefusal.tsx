import { EntityLink, formatNanoUsd } from '@agentportal/plugin-agents-react';
import type { RefusedBudget } from '@agentportal/plugin-orchestration-common';
import { parseEntityRef } from '@backstage/catalog-model';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';
import { RiMoneyDollarCircleLine } from '@remixicon/react';
import {
  type OrchestrationTranslation,
  orchestrationTranslationRef,
} from '../translation';
import styles from './run.module.css';

/** Windows that have words, after the money. */
const WINDOWS = ['hour', 'day', 'week', 'month', 'quarter', 'total'] as const;

/** What has a budget and is no entity. */
const SCOPES = ['organisation', 'run'] as const;

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
function renewal(at: Date, t: OrchestrationTranslation): string {
  const day = at.toLocaleDateString(t('time.locale'), {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const time = at.toISOString().slice(11, 16);
  return time === '00:00'
    ? t('budgetRefusal.onDay', { day })
    : t('budgetRefusal.atTime', { day, time });
}

/** That a budget has no room is no fault: what it is of, until when, and whom to ask. */
export function BudgetRefusal({ budget }: { budget: RefusedBudget }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { contactRef, limitNanoUsd, renewsAt, scope, window } = budget;
  const entityLink = useEntityRefLink();
  const ref = entityRefOf(budget);
  const known = WINDOWS.find(each => each === window);
  const whole = SCOPES.find(each => each === scope.type);
  return (
    <p className={styles.refused} role="note">
      <RiMoneyDollarCircleLine size={18} aria-hidden />
      <span>
        {t('budgetRefusal.hasNoRoom', {
          whose: ref ? (
            <EntityLink entityRef={ref} />
          ) : (
            (whole && t(`budgetRefusal.scopes.${whole}`)) ??
            scope.ref ??
            scope.type
          ),
          limit: formatNanoUsd(limitNanoUsd),
          window: known ? t(`budgetRefusal.windows.${known}`) : window,
        })}{' '}
        {renewsAt
          ? t('budgetRefusal.itRenews', {
              when: renewal(new Date(renewsAt), t),
            })
          : t('budgetRefusal.itDoesNotRenew')}{' '}
        {t('budgetRefusal.ask', {
          whom: contactRef ? (
            <EntityLink entityRef={contactRef} />
          ) : (
            t('budgetRefusal.thoseWhoRunThePortal')
          ),
        })}{' '}
        {ref && (
          <Link href={`${entityLink(ref)}/cost`}>
            {t('budgetRefusal.seeTheBudget')}
          </Link>
        )}
      </span>
    </p>
  );
}
