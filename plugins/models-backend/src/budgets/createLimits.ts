import type { ModelDirectory } from '@agentportal/model-gateway';
import { modelRefOf } from '@agentportal/plugin-agents-common';
import type {
  AuditorService,
  AuthService,
  LoggerService,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { EventsService } from '@backstage/plugin-events-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import { createBudgetAccess } from '../access/createBudgetAccess';
import { BudgetsApi } from '../api/BudgetsApi';
import type { ModelsConfig } from '../config/readModelsConfig';
import type { KeyStore } from '../keys/KeyStore';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import {
  createRateLimits,
  type RateLimits,
} from '../rateLimits/createRateLimits';
import { RateLimitsApi } from '../rateLimits/RateLimitsApi';
import { BudgetOwners } from './BudgetOwners';
import { type Budgets, createBudgets } from './createBudgets';
import { budgetsForEach } from './scheduleBudgets';

/** What limits calls: how much they may spend, and how fast. */
export interface Limits {
  owners: BudgetOwners;
  budgets: Budgets;
  rateLimits: RateLimits;
  budgetsApi: BudgetsApi;
  rateLimitsApi: RateLimitsApi;
}

/** Puts together what keeps, watches and serves budgets and rate limits. */
export async function createLimits(options: {
  config: ModelsConfig;
  ledger: DatabaseCallLedger;
  directory: ModelDirectory;
  keyStore: KeyStore;
  longestCallMs: number;
  auditor: AuditorService;
  auth: AuthService;
  catalog: CatalogService;
  events: EventsService;
  logger: LoggerService;
  notifications: NotificationService;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
}): Promise<Limits> {
  const { auditor, auth, catalog, config, directory, keyStore } = options;
  const { ledger, logger, permissions, permissionsRegistry } = options;
  const { db } = ledger;
  const owners = new BudgetOwners({
    catalog,
    auth,
    modelRefOf: id => directory.model(id)?.ref ?? modelRefOf(id),
    keyOwnerOf: async id => (await keyStore.byIds([id])).get(id)?.ownerRef,
  });
  const rateLimits = await createRateLimits({
    db,
    config: config.rateLimits,
    models: directory,
  });
  const budgets = await createBudgets({
    ledger,
    owners,
    events: options.events,
    notifications: options.notifications,
    webhooks: config.budgetWebhooks,
    auditor,
    logger,
    longestCallMs: options.longestCallMs,
    rateLimits: rateLimits.directory,
    ratesForEach: rateLimits.forEach,
    each: budgetsForEach(config.budgets),
    waitMs: config.budgetWaitSeconds * 1000,
  });
  const decisions = createBudgetAccess({
    permissions,
    permissionsRegistry,
    store: budgets.store,
    owners,
  });
  return {
    owners,
    budgets,
    rateLimits,
    budgetsApi: new BudgetsApi({
      db,
      store: budgets.store,
      budgets: budgets.directory,
      owners,
      decisions,
      directory,
      auditor,
    }),
    rateLimitsApi: new RateLimitsApi({
      store: rateLimits.store,
      directory: rateLimits.directory,
      db,
      models: directory,
      owners,
      decisions,
      auditor,
    }),
  };
}
