import type { PermissionDecisions } from '@agentportal/plugin-agents-node';
import type { ModelDirectory } from '@agentportal/model-gateway';
import {
  keyCreatePermission,
  keyManagePermission,
  keyReadPermission,
} from '@agentportal/plugin-models-common';
import type {
  AuditorService,
  AuthService,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { keyResourceRef, keyRules, type ModelResource } from '../access/rules';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { KeyAuthenticator } from './KeyAuthenticator';
import { KeyCatalog } from './KeyCatalog';
import { KeyRights } from './KeyRights';
import { KeysApi } from './KeysApi';
import type { KeyStore } from './KeyStore';
import { KeySummaries } from './KeySummaries';
import type { KeyLimits } from './keyTerms';
import type { LimitStores } from './spendingLimits';
import { VerifiedKeys } from './VerifiedKeys';

/** Everything about keys that belongs to one process. */
export interface Keys {
  api: KeysApi;
  authenticator: KeyAuthenticator;
  rights: KeyRights;
}

/** Puts together what keeps, checks and serves the keys of programs. */
export function createKeys(options: {
  keyStore: KeyStore;
  ledger: DatabaseCallLedger;
  directory: ModelDirectory;
  /** About models. */
  decisions: PermissionDecisions<ModelResource>;
  limitStores: LimitStores;
  limits: KeyLimits;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
  catalog: CatalogService;
  auth: AuthService;
  auditor: AuditorService;
}): Keys {
  const { directory, ledger, permissionsRegistry } = options;
  const store = options.keyStore;
  permissionsRegistry.addResourceType({
    resourceRef: keyResourceRef,
    permissions: [keyReadPermission, keyCreatePermission, keyManagePermission],
    rules: Object.values(keyRules),
    getResources: async ids => {
      const found = await store.byIds(ids);
      return ids.map(id => found.get(id));
    },
  });
  const rights = new KeyRights({
    permissions: options.permissions,
    permissionsRegistry,
    directory,
    store,
    models: options.decisions,
  });
  const verified = new VerifiedKeys(store);
  const catalog = new KeyCatalog({
    catalog: options.catalog,
    auth: options.auth,
  });
  return {
    rights,
    authenticator: new KeyAuthenticator({ keys: verified, catalog }),
    api: new KeysApi({
      db: ledger.db,
      store,
      verified,
      catalog,
      directory,
      rights,
      summaries: new KeySummaries({ store, ledger, rights }),
      limitStores: options.limitStores,
      limits: options.limits,
      auditor: options.auditor,
    }),
  };
}
