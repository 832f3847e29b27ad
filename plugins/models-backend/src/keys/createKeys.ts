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
import { KeyDecisions } from '../access/KeyDecisions';
import { keyResourceRef, keyRules } from '../access/keyRules';
import type { ModelDecisions } from '../access/ModelDecisions';
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

/** Puts together what keeps, checks and serves the keys of programs. */
export function createKeys(options: {
  store: KeyStore;
  ledger: DatabaseCallLedger;
  directory: ModelDirectory;
  models: ModelDecisions;
  limitStores: LimitStores;
  limits: KeyLimits;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
  catalog: CatalogService;
  auth: AuthService;
  auditor: AuditorService;
}): { api: KeysApi; authenticator: KeyAuthenticator } {
  const { directory, ledger, permissionsRegistry, store } = options;
  permissionsRegistry.addResourceType({
    resourceRef: keyResourceRef,
    permissions: [keyReadPermission, keyCreatePermission, keyManagePermission],
    rules: Object.values(keyRules),
    getResources: async ids => {
      const keys = await store.byIds(ids);
      return ids.map(id => keys.get(id));
    },
  });
  const decisions = new KeyDecisions(options);
  const verified = new VerifiedKeys(store);
  const catalog = new KeyCatalog(options);
  return {
    authenticator: new KeyAuthenticator({ keys: verified, catalog }),
    api: new KeysApi({
      db: ledger.db,
      store,
      verified,
      catalog,
      decisions,
      directory,
      rights: new KeyRights({ ...options, keys: decisions }),
      summaries: new KeySummaries({ store, ledger, decisions }),
      limitStores: options.limitStores,
      limits: options.limits,
      auditor: options.auditor,
    }),
  };
}
