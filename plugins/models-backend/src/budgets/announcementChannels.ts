import type { Account } from '@agentportal/model-gateway';
import type {
  AuditorService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import type { EventsService } from '@backstage/plugin-events-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import { LRUCache } from 'lru-cache';
import type { Budget } from './budget';
import type { BudgetOwners } from './BudgetOwners';
import type { Crossing, Refusal } from './holdBatch';
import { nanoToUsd } from './usd';
import { windowEnd } from './windows';

/** Topic of the events that tell of a budget's thresholds. */
export const BUDGET_THRESHOLD_TOPIC = 'models.budget.threshold';

/** Without the notifications plugin this process asks again after so long. */
const CLOSED_MS = 3_600_000;
/** Refusals that are remembered as told. */
const MAX_TOLD = 10_000;
/** By which people choose what they are notified of. */
const TOPIC = 'models.budget';

/** Somebody who is told of thresholds. */
export interface AnnouncementChannel {
  id: string;
  /** Whether it can be told anything in this process now. */
  isOpen(): boolean;
  /** Thresholds of one window, in order; what throws is tried again. */
  tell(crossings: Crossing[]): Promise<void>;
}

/** Everybody who listens to events, the log and the audit trail. */
export function eventChannel(options: {
  events: EventsService;
  auditor: AuditorService;
  logger: LoggerService;
  owners: BudgetOwners;
}): AnnouncementChannel {
  const { auditor, events, logger, owners } = options;
  const tellOne = async (crossing: Crossing) => {
    const { budget, spentNanoUsd, threshold } = crossing;
    const { id, limitNanoUsd, scope } = budget;
    logger.warn(
      `The budget of ${scope.type} ${scope.ref} has passed ${percent(
        threshold,
      )}: ${nanoToUsd(spentNanoUsd)} of ${nanoToUsd(limitNanoUsd)} are spent`,
      { budget: id },
    );
    const payload = payloadOf(crossing);
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
  };
  return {
    id: 'event',
    isOpen: () => true,
    async tell(crossings) {
      for (const crossing of crossings) {
        await tellOne(crossing);
      }
    },
  };
}

/** What programs are told of a threshold. */
export function payloadOf(crossing: Crossing) {
  const { budget, spentNanoUsd, threshold, windowStart } = crossing;
  const { id, limitNanoUsd, scope, window } = budget;
  const end = windowEnd(window, windowStart);
  return {
    budgetId: id,
    scope: { type: scope.type, ref: scope.ref },
    window,
    windowStart: new Date(windowStart).toISOString(),
    ...(end !== undefined && { renewsAt: new Date(end).toISOString() }),
    threshold,
    spentNanoUsd,
    limitNanoUsd,
  };
}

/** The notifications of the portal, where it has any. */
export interface Notifier {
  isOpen(): boolean;
  send: NotificationService['send'];
}

/** Leaves the notifications plugin alone for a while where there is none. */
export function createNotifier(options: {
  notifications: NotificationService;
  logger: LoggerService;
}): Notifier {
  const { logger, notifications } = options;
  let closedUntil = 0;
  return {
    isOpen: () => Date.now() >= closedUntil,
    async send(notification) {
      try {
        await notifications.send(notification);
      } catch (error) {
        if (/status 404/.test(String(error))) {
          // Another process of the portal may have the plugin, so it stays due.
          closedUntil = Date.now() + CLOSED_MS;
          logger.info(
            'There is no notifications plugin here, so owners are not notified of their budgets by this process',
          );
        }
        throw error;
      }
    },
  };
}

/** Those who answer for the scope, as a notification of the portal. */
export function notificationChannel(options: {
  notifier: Notifier;
  owners: BudgetOwners;
}): AnnouncementChannel {
  const { notifier, owners } = options;
  return {
    id: 'notification',
    isOpen: () => notifier.isOpen(),
    async tell(crossings) {
      // Who is told of the highest need not be told of the others.
      const crossing = crossings.at(-1);
      if (!crossing) {
        return;
      }
      const { budget, threshold, windowStart } = crossing;
      const recipients = await recipientsOf(budget, owners);
      if (recipients.length === 0) {
        return;
      }
      await notifier.send({
        recipients: { type: 'entity', entityRef: recipients },
        payload: {
          ...wordsOf(crossing),
          link: linkTo(budget),
          severity: threshold >= 1 ? 'high' : 'normal',
          topic: TOPIC,
          // The same message that comes again replaces the first.
          scope: `budget:${budget.id}:${windowStart}:${budget.limitNanoUsd}:${threshold}`,
        },
      });
    },
  };
}

/**
 * Tells those who answer for a budget, and for the agent, that it has refused a call:
 * once for each window and agent, however many calls follow. Nobody waits for it.
 */
export function refusalNotices(options: {
  notifier: Notifier;
  logger: LoggerService;
  owners: BudgetOwners;
}): (refusal: Refusal, account: Account) => void {
  const { logger, notifier, owners } = options;
  const told = new LRUCache<string, true>({ max: MAX_TOLD });
  const tell = async (refusal: Refusal, account: Account, scope: string) => {
    const { budget, windowStart } = refusal;
    const recipients = new Set([
      ...(await recipientsOf(budget, owners)),
      ...(account.ownerRef ? [account.ownerRef] : []),
    ]);
    if (recipients.size > 0) {
      const agent = account.agentRef && `agent ${nameOf(account.agentRef)}`;
      await notifier.send({
        recipients: { type: 'entity', entityRef: [...recipients] },
        payload: {
          title: `The budget of ${whoseOf(budget)} has refused a call${
            agent ? ` of ${agent}` : ''
          }`,
          description: [
            `${nanoToUsd(refusal.spentNanoUsd)} of ${limitOf(
              budget,
            )} are spent, and a call that may cost up to ${nanoToUsd(
              refusal.neededNanoUsd,
            )} does not fit.`,
            'Further calls that do not fit are refused as well.',
            renewalOf(budget, windowStart),
          ].join(' '),
          link: linkTo(budget),
          severity: 'high',
          topic: TOPIC,
          scope,
        },
      });
    }
  };
  return (refusal, account) => {
    const { budget, windowStart } = refusal;
    const scope = `budget-refusal:${budget.id}:${windowStart}:${
      budget.limitNanoUsd
    }:${account.agentRef ?? ''}`;
    if (!notifier.isOpen() || told.has(scope)) {
      return;
    }
    told.set(scope, true);
    tell(refusal, account, scope).catch(error => {
      // The next refusal tries again.
      told.delete(scope);
      logger.warn(
        `The budget ${budget.id} refused a call, and its owners could not be notified: ${error}`,
      );
    });
  };
}

/** Owners and sponsors; a person of their own; else whoever made the budget. */
async function recipientsOf(
  budget: Budget,
  owners: BudgetOwners,
): Promise<string[]> {
  const { scope } = budget;
  if (scope.type === 'user') {
    return [scope.ref];
  }
  const contacts = await owners.contactsOf(scope);
  return contacts.length > 0 || !budget.createdBy.startsWith('user:')
    ? contacts
    : [budget.createdBy];
}

function wordsOf(crossing: Crossing): { title: string; description: string } {
  const { budget, spentNanoUsd, threshold, windowStart } = crossing;
  const whose = whoseOf(budget);
  return {
    title:
      threshold >= 1
        ? `The budget of ${whose} is used up`
        : `The budget of ${whose} is ${percent(threshold)} used`,
    description: [
      `${nanoToUsd(spentNanoUsd)} of ${limitOf(budget)} are spent.`,
      threshold >= 1
        ? 'Model calls that do not fit are refused.'
        : 'Near the limit answers are cut short, then a route takes a candidate that still fits, then calls are refused.',
      renewalOf(budget, windowStart),
    ].join(' '),
  };
}

function whoseOf({ scope }: Budget): string {
  return scope.type === 'organisation'
    ? 'the organisation'
    : `${scope.type} ${nameOf(scope.ref)}`;
}

function limitOf({ limitNanoUsd, window }: Budget): string {
  return `${nanoToUsd(limitNanoUsd)} ${
    window === 'total' ? 'in total' : `a ${window}`
  }`;
}

function renewalOf({ window }: Budget, windowStart: number): string {
  const end = windowEnd(window, windowStart);
  return end === undefined
    ? 'It does not renew.'
    : `It renews at ${new Date(end)
        .toISOString()
        .slice(0, 16)
        .replace('T', ' ')} UTC.`;
}

function linkTo({ id }: Budget): string {
  return `/cost/budgets?budget=${id}`;
}

function nameOf(ref: string): string {
  try {
    return parseEntityRef(ref).name;
  } catch {
    return ref;
  }
}

function percent(threshold: number): string {
  return `${Math.round(threshold * 100)} %`;
}
