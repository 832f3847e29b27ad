import type {
  AuditorService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import type { EventsService } from '@backstage/plugin-events-node';
import type { BudgetOwners } from './BudgetOwners';
import type { Crossing } from './holdBatch';
import { nanoToUsd } from './usd';
import { windowEnd } from './windows';

/** Topic of the events that tell of a budget's thresholds. */
export const BUDGET_THRESHOLD_TOPIC = 'models.budget.threshold';

/**
 * Tells everybody who listens, the log and the audit trail that thresholds were
 * passed. The counter has remembered them already, so each is told once.
 */
export async function announceCrossings(
  crossings: Crossing[],
  options: {
    events: EventsService;
    auditor: AuditorService;
    logger: LoggerService;
    owners: BudgetOwners;
  },
): Promise<void> {
  for (const crossing of crossings) {
    try {
      await announce(crossing, options);
    } catch (error) {
      options.logger.error(
        `The threshold ${crossing.threshold} of the budget ${crossing.budget.id} was passed and could not be announced: ${error}`,
      );
    }
  }
}

async function announce(
  { budget, spentNanoUsd, threshold, windowStart }: Crossing,
  options: Parameters<typeof announceCrossings>[1],
): Promise<void> {
  const { auditor, events, logger, owners } = options;
  const { id, limitNanoUsd, scope, window } = budget;
  logger.warn(
    `The budget of ${scope.type} ${scope.ref} has passed ${Math.round(
      threshold * 100,
    )} %: ${nanoToUsd(spentNanoUsd)} of ${nanoToUsd(limitNanoUsd)} are spent`,
    { budget: id },
  );
  const end = windowEnd(window, windowStart);
  const payload = {
    budgetId: id,
    scope: { type: scope.type, ref: scope.ref },
    window,
    windowStart: new Date(windowStart).toISOString(),
    ...(end !== undefined && { renewsAt: new Date(end).toISOString() }),
    threshold,
    spentNanoUsd,
    limitNanoUsd,
  };
  const event = await auditor.createEvent({
    eventId: 'budget-threshold',
    severityLevel: 'medium',
    meta: payload,
  });
  await event.success();
  const ownerRefs = await owners.ownersOf(scope).catch(() => []);
  await events.publish({
    topic: BUDGET_THRESHOLD_TOPIC,
    eventPayload: { ...payload, ownerRefs },
  });
}
