import { PermissionDecisions } from '@agentportal/plugin-agents-node';
import type { ModelDirectory } from '@agentportal/model-gateway';
import {
  keyCreatePermission,
  keyManagePermission,
  keyReadPermission,
  modelUsePermission,
} from '@agentportal/plugin-models-common';
import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import type { ResourcePermission } from '@backstage/plugin-permission-common';
import {
  type ConditionTransformer,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import { toFilter } from '../access/criteria';
import {
  type KeyResource,
  keyResourceRef,
  type ModelResource,
  type OwnerFilter,
} from '../access/rules';
import { mayNot } from '../api/caller';
import { ALL_MODELS, type ModelKey } from './key';
import type { KeyStore } from './KeyStore';
import type { Grant } from './keyTerms';

/** Who may do what with keys. Nobody gives a key more than they may use themselves. */
export class KeyRights {
  readonly #store: KeyStore;
  readonly #keys: PermissionDecisions<KeyResource>;
  readonly #toCriteria: ConditionTransformer<OwnerFilter>;
  readonly #models: PermissionDecisions<ModelResource>;
  readonly #directory: Pick<ModelDirectory, 'model'>;

  constructor(options: {
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
    store: KeyStore;
    models: PermissionDecisions<ModelResource>;
    directory: Pick<ModelDirectory, 'model'>;
  }) {
    this.#store = options.store;
    this.#keys = new PermissionDecisions({
      ...options,
      resourceRef: keyResourceRef,
    });
    this.#toCriteria = createConditionTransformer(
      options.permissionsRegistry.getPermissionRuleset(keyResourceRef),
    );
    this.#models = options.models;
    this.#directory = options.directory;
  }

  /** Which keys the caller has a permission on. */
  async seen(
    permission: ResourcePermission,
    credentials: BackstageCredentials,
  ) {
    return toFilter(
      await this.#keys.decide(permission, credentials),
      this.#toCriteria,
    );
  }

  /** A test of keys for the permission to manage them. */
  async manager(
    credentials: BackstageCredentials,
  ): Promise<(key: KeyResource) => boolean> {
    const { allows } = await this.#keys.allower(
      keyManagePermission,
      credentials,
    );
    return allows;
  }

  /** The key, if the caller may see it. */
  async readable(
    id: string,
    credentials: BackstageCredentials,
  ): Promise<ModelKey> {
    const { allows } = await this.#keys.allower(keyReadPermission, credentials);
    const key = await this.#store.get(id);
    if (!allows(key)) {
      // What one may not see is not there.
      throw new NotFoundError(
        `There is no key ${id}; the list of keys has all ids.`,
      );
    }
    return key;
  }

  /** Whoever books calls on a system must be one who may make keys for its owners. */
  async mayCreate(
    ownerRef: string,
    system: { ref: string; ownerRefs: string[] } | undefined,
    credentials: BackstageCredentials,
  ): Promise<void> {
    const { allows } = await this.#keys.allower(
      keyCreatePermission,
      credentials,
    );
    if (!allows({ ownerRef })) {
      throw mayNot(`make keys for ${ownerRef}`, keyCreatePermission.name);
    }
    if (system && !system.ownerRefs.some(each => allows({ ownerRef: each }))) {
      throw mayNot(
        `book calls on ${system.ref}, which belongs to ${
          system.ownerRefs.join(', ') || 'nobody'
        }`,
        keyCreatePermission.name,
      );
    }
  }

  /** Of the owner that is asked about, or of any. */
  async mayCreateAny(
    ownerRef: string | undefined,
    credentials: BackstageCredentials,
  ): Promise<boolean> {
    if (ownerRef === undefined) {
      const { never } = await this.seen(keyCreatePermission, credentials);
      return !never;
    }
    const { allows } = await this.#keys.allower(
      keyCreatePermission,
      credentials,
    );
    return allows({ ownerRef });
  }

  /** Throws for whoever may see no keys at all, or not the one that is named. */
  async mayReadCostsOf(
    id: string | undefined,
    credentials: BackstageCredentials,
  ): Promise<void> {
    const seen = await this.seen(keyReadPermission, credentials);
    if (seen.never) {
      throw mayNot('see what keys cost', keyReadPermission.name);
    }
    if (id !== undefined && seen.criteria) {
      await this.readable(id, credentials);
    }
  }

  /** Whether the caller may see any key. */
  async mayReadAny(credentials: BackstageCredentials): Promise<boolean> {
    return !(await this.seen(keyReadPermission, credentials)).never;
  }

  /** Those of some keys that the caller may see. */
  async visible(
    ids: string[],
    credentials: BackstageCredentials,
  ): Promise<Set<string>> {
    if (ids.length === 0) {
      return new Set();
    }
    const { never, always, allows } = await this.#keys.allower(
      keyReadPermission,
      credentials,
    );
    if (never || always) {
      return new Set(never ? [] : ids);
    }
    const keys = [...(await this.#store.byIds(ids)).values()];
    return new Set(keys.filter(allows).map(({ id }) => id));
  }

  async mayManage(
    key: ModelKey,
    what: 'change' | 'rotate' | 'revoke',
    credentials: BackstageCredentials,
  ): Promise<void> {
    const { allows } = await this.#keys.allower(
      keyManagePermission,
      credentials,
    );
    if (!allows(key)) {
      throw mayNot(`${what} keys of ${key.ownerRef}`, keyManagePermission.name);
    }
  }

  /** Throws for what the caller may not pass on. */
  async mayGrant(
    grants: Grant[],
    credentials: BackstageCredentials,
  ): Promise<void> {
    if (grants.some(grant => grant.name === ALL_MODELS)) {
      await this.#mayUseWhateverComes(credentials);
      return;
    }
    const { allows } = await this.#models.allower(
      modelUsePermission,
      credentials,
    );
    for (const { modelIds, name } of grants) {
      const refused = modelIds.find(id => {
        const model = this.#directory.model(id);
        return model && !allows(model);
      });
      if (refused) {
        throw new NotAllowedError(
          `You may not use ${refused} yourself, so you cannot give a key ${
            name === refused ? 'to it' : `${name}, which it is part of`
          }.`,
        );
      }
    }
  }

  /** With a condition on it, nobody knows whether it holds for models to come. */
  async #mayUseWhateverComes(credentials: BackstageCredentials): Promise<void> {
    const { always } = await this.#models.allower(
      modelUsePermission,
      credentials,
    );
    if (!always) {
      throw new NotAllowedError(
        'A key to all models (`*`) takes the right to use every model without a condition, which you do not have; name the models instead.',
      );
    }
  }
}
