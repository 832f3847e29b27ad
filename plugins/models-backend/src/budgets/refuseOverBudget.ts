import { GatewayError } from '@agentportal/model-gateway';
import type { BudgetOwners } from './BudgetOwners';
import type { Refusal } from './holdBatch';
import { nanoToUsd } from './usd';
import { windowEnd } from './windows';

/** Says which budget has no room, how much is left, until when, and whom to ask. */
export async function refuseOverBudget(
  refusal: Refusal,
  owners: BudgetOwners,
): Promise<GatewayError> {
  const { budget, heldNanoUsd, neededNanoUsd, spentNanoUsd } = refusal;
  const { scope, window, limitNanoUsd } = budget;
  const left = Math.max(0, limitNanoUsd - spentNanoUsd - heldNanoUsd);
  const end = windowEnd(window, refusal.windowStart);
  const renewsAt = end === undefined ? undefined : new Date(end).toISOString();
  const [contact] = await owners.ownersOf(scope).catch(() => []);
  const whose =
    scope.type === 'organisation'
      ? 'the organisation'
      : `${scope.type} ${scope.ref}`;
  const message = [
    `The budget of ${whose} (${nanoToUsd(limitNanoUsd)} ${
      window === 'total' ? 'in total' : `per ${window}`
    }) has ${nanoToUsd(left)} left${
      heldNanoUsd > 0
        ? ` beside ${nanoToUsd(heldNanoUsd)} held for calls under way`
        : ''
    }, and this call may cost up to ${nanoToUsd(neededNanoUsd)}.`,
    renewsAt ? `It renews at ${renewsAt}.` : 'It does not renew.',
    `Ask ${contact ?? 'an administrator of the portal'} to raise it${
      left > 0 ? ', or ask for a shorter answer' : ''
    }.`,
  ].join(' ');
  return new GatewayError(402, 'budget_exceeded', message, {
    details: {
      budget: {
        id: budget.id,
        scope,
        window,
        limitNanoUsd,
        leftNanoUsd: left,
        neededNanoUsd,
        renewsAt,
        contactRef: contact,
      },
    },
    headers: {
      'x-agent-portal-budget': budget.id,
      'x-agent-portal-budget-left-nano-usd': String(left),
      ...(renewsAt && { 'x-agent-portal-budget-renews-at': renewsAt }),
      ...(contact && { 'x-agent-portal-budget-contact': encodeURI(contact) }),
    },
  });
}
