import { EntityLink, formatNanoUsd } from '@agentportal/plugin-agents-react';
import type { RunError } from '@agentportal/plugin-orchestration-common';
import { parseEntityRef } from '@backstage/catalog-model';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';
import { RiMoneyDollarCircleLine } from '@remixicon/react';
import styles from './run.module.css';

/** What a budget refused, out of what the gateway says to programs. */
export interface BudgetRefused {
  /** The entity that the budget is of; absent for a model, a key and the organisation. */
  ref?: string;
  /** Its name, where it is no entity. */
  name: string;
  limitNanoUsd: number;
  window: string;
  renewsAt?: Date;
  contactRef?: string;
}

const SAID =
  /^The budget of (?:(\w+) )?(.+?) \(([\d.]+) USD (?:per (\w+)|in total)\) has /;
const RENEWS = /It renews at (\S+Z)\./;
const CONTACT = /Ask (\w+:\S+) to raise it/;

/**
 * Reads the refusal of a budget. An error of a run has no fields but its name and its
 * message, so the message is read; what reads differently is shown as it is.
 */
export function budgetRefusedIn(
  error: RunError | undefined,
): BudgetRefused | undefined {
  const [, , name, limit, window] = SAID.exec(error?.message ?? '') ?? [];
  if (!error || !name) {
    return undefined;
  }
  const [, renewsAt] = RENEWS.exec(error.message) ?? [];
  const [, contactRef] = CONTACT.exec(error.message) ?? [];
  return {
    ...(isRef(name) && { ref: name }),
    name,
    limitNanoUsd: Math.round(Number(limit) * 1e9),
    window: window ? `${window === 'hour' ? 'an' : 'a'} ${window}` : 'in total',
    ...(renewsAt && { renewsAt: new Date(renewsAt) }),
    ...(contactRef && { contactRef }),
  };
}

function isRef(text: string): boolean {
  try {
    return /^\w+:/.test(text) && Boolean(parseEntityRef(text));
  } catch {
    return false;
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
export function BudgetRefusal({ refused }: { refused: BudgetRefused }) {
  const { contactRef, limitNanoUsd, name, ref, renewsAt, window } = refused;
  const entityLink = useEntityRefLink();
  return (
    <p className={styles.refused} role="note">
      <RiMoneyDollarCircleLine size={18} aria-hidden />
      <span>
        The budget of {ref ? <EntityLink entityRef={ref} /> : name},{' '}
        {formatNanoUsd(limitNanoUsd)} {window}, has no room for this call.{' '}
        {renewsAt ? `It renews ${renewal(renewsAt)}.` : 'It does not renew.'}{' '}
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
