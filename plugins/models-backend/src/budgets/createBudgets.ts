import type {
  AuditorService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import type { EventsService } from '@backstage/plugin-events-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import {
  createNotifier,
  eventChannel,
  notificationChannel,
  refusalNotices,
} from './announcementChannels';
import { BudgetAnnouncer } from './BudgetAnnouncer';
import type { BudgetDirectory } from './ScopeDirectory';
import { ScopeDirectory } from './ScopeDirectory';
import { BudgetedLedger } from './BudgetedLedger';
import type { BudgetOwners } from './BudgetOwners';
import { BudgetStore, type TermsOfEach } from './BudgetStore';
import { HoldSets } from './HoldSets';
import { type EachType, LimitsForEach } from './LimitsForEach';
import { Instance } from './Instance';
import type { RateLimitDirectory } from './ScopeDirectory';
import { reconcileDeadHolds } from './reconcileDeadHolds';
import { refuseOverBudget } from './refuseOverBudget';
import { verifyBudgets } from './verifyBudgets';
import { type BudgetWebhook, webhookChannel } from './webhookChannel';

/** Everything about budgets that belongs to one process. */
export interface Budgets {
  store: BudgetStore;
  directory: BudgetDirectory;
  /** What the gateway writes calls into. */
  ledger: BudgetedLedger;
  /** Settles holds of dead processes; returns how many attempts there were. */
  reconcile(): Promise<number>;
  /** Compares all counters with ledger and holds, and logs a drift as an error. */
  verify(): Promise<void>;
  /** Counts on new budgets what calls cost that began without them. */
  countEarlierCalls(): Promise<void>;
  /** Announces thresholds that were passed and not told yet. */
  announce(): Promise<void>;
  stop(): Promise<void>;
}

/** Puts budgets in front of a ledger. */
export async function createBudgets(options: {
  ledger: DatabaseCallLedger;
  owners: BudgetOwners;
  /** Absent where there are none. */
  rateLimits?: RateLimitDirectory;
  /** What everybody may spend, and how fast everybody may call. */
  each?: Array<TermsOfEach & { type: EachType; by: string }>;
  ratesForEach?: LimitsForEach;
  events: EventsService;
  /** Absent where nobody is notified. */
  notifications?: NotificationService;
  /** Servers that are told of thresholds too. */
  webhooks?: readonly BudgetWebhook[];
  auditor: AuditorService;
  logger: LoggerService;
  longestCallMs: number;
  waitMs: number;
}): Promise<Budgets> {
  const { auditor, events, ledger, logger, notifications, owners } = options;
  const { db } = ledger;
  const store = new BudgetStore({ db, names: ledger.names });
  const directory = new ScopeDirectory(
    () => store.list(),
    () => store.version(),
  );
  const forEach = new LimitsForEach(
    (options.each ?? []).map(({ by, type, ...terms }) => ({
      type,
      isThere: ref =>
        directory
          .ofScope(type, ref)
          .some(
            ({ source, window }) =>
              source === 'config' && window === terms.window,
          ),
      make: async ref => {
        await store.ensure({ ...terms, scope: { type, ref } }, 'config', by);
      },
    })),
    () => directory.afterChange(),
  );
  const instance = await Instance.create(db);
  // A call has its time to begin, its time to answer, and some to be settled.
  const holdForMs = 2 * options.longestCallMs + 60_000;
  const notifier = notifications && createNotifier({ notifications, logger });
  const tellOfRefusal =
    notifier && refusalNotices({ notifier, logger, owners });
  const announcer = new BudgetAnnouncer({
    db,
    logger,
    channels: [
      eventChannel({ events, auditor, logger, owners }),
      ...(notifier ? [notificationChannel({ notifier, owners })] : []),
      ...(options.webhooks ?? []).map(webhook =>
        webhookChannel({ webhook, owners }),
      ),
    ],
  });
  const sets = new HoldSets(db);
  ledger.journal.onCrossings(() => void announcer.announce());
  return {
    store,
    directory,
    ledger: new BudgetedLedger({
      ledger,
      sets,
      budgets: directory,
      rateLimits: options.rateLimits,
      forEach: options.ratesForEach
        ? [forEach, options.ratesForEach]
        : [forEach],
      instanceId: instance.id,
      refuse: (refusal, account, isOver) => {
        if (isOver) {
          tellOfRefusal?.(refusal, account);
        }
        return refuseOverBudget(refusal, owners);
      },
      logger,
      holdForMs,
      waitMs: options.waitMs,
    }),
    async reconcile() {
      const count = await reconcileDeadHolds({
        db,
        journal: ledger.journal,
        sets,
        instance,
      });
      if (count > 0) {
        logger.warn(
          `${count} model calls were under way when their process ended; they are settled at their estimate and marked as unreconciled`,
        );
      }
      return count;
    },
    async verify() {
      const check = await verifyBudgets(db);
      if (!check.ok) {
        logger.error(
          `The counters of budgets are not what the ledger adds up to: ${JSON.stringify(
            [...check.drift, ...check.rateDrift].slice(0, 10),
          )}`,
        );
      }
    },
    countEarlierCalls: () => store.countEarlierCalls(2 * holdForMs),
    async announce() {
      await announcer.announce();
      await announcer.forget();
    },
    stop: () => instance.stop(),
  };
}
