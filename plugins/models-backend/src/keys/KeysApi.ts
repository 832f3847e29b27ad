import { decodeCursor } from '@agentportal/plugin-agents-node';
import type { ModelDirectory } from '@agentportal/model-gateway';
import {
  type KeyChange,
  keyReadPermission,
  type KeyState,
  type KeySummary,
  type KeyUpdate,
  type KeyWithSecret,
  type ModelsPage,
  type NewKey,
} from '@agentportal/plugin-models-common';
import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import { z } from 'zod/v4';
import { audited } from '../api/audited';
import { mayNot, nameOf } from '../api/caller';
import { DEFAULT_LIMIT, toPage } from '../api/page';
import type { ModelKey } from './key';
import type { KeyCatalog } from './KeyCatalog';
import { toKeyChange } from './keyJson';
import type { KeyRights } from './KeyRights';
import type { KeyStore } from './KeyStore';
import type { KeySummaries } from './KeySummaries';
import { type KeyLimits, readExpiry, readGrants, together } from './keyTerms';
import { listKeys } from './listKeys';
import { mintKeyId, mintSecret } from './secrets';
import { type LimitStores, setSpendingLimits } from './spendingLimits';
import type { VerifiedKeys } from './VerifiedKeys';

const DEFAULT_OVERLAP_SECONDS = 86_400;

const beforeKey = z.object({ before: z.string() });
const beforeChange = z.object({ before: z.number().int() });

interface PageRequest {
  limit?: number;
  cursor?: string;
}

/** What the API of keys is made of. */
export interface KeysApiOptions {
  store: KeyStore;
  summaries: KeySummaries;
  verified: VerifiedKeys;
  catalog: KeyCatalog;
  rights: KeyRights;
  directory: Pick<ModelDirectory, 'resolve'>;
  db: Knex;
  limitStores: LimitStores;
  limits: KeyLimits;
  auditor: AuditorService;
}

/** Keys of programs for HTTP and for actions, with permissions and an audit trail. */
export class KeysApi {
  readonly #options: KeysApiOptions;

  constructor(options: KeysApiOptions) {
    this.#options = options;
  }

  async list(
    query: PageRequest & {
      id?: string[];
      q?: string;
      ownerRef?: string;
      state?: KeyState;
    },
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<KeySummary> & { mayCreate: boolean }> {
    const { db, rights, summaries } = this.#options;
    const { criteria, never } = await rights.seen(
      keyReadPermission,
      credentials,
    );
    if (never) {
      throw mayNot('see keys', keyReadPermission.name);
    }
    const limit = query.limit ?? DEFAULT_LIMIT;
    const found = await listKeys(db, {
      q: query.q,
      ownerRef: query.ownerRef,
      state: query.state,
      ids: query.id,
      visible: criteria,
      limit: limit + 1,
      before: decodeCursor(query.cursor, beforeKey)?.before,
    });
    const page = toPage(found, limit, ({ id }) => ({ before: id }));
    return {
      ...page,
      items: await summaries.of(page.items, credentials),
      mayCreate: await rights.mayCreateAny(query.ownerRef, credentials),
    };
  }

  async get(
    id: string,
    credentials: BackstageCredentials,
  ): Promise<KeySummary> {
    return this.#options.summaries.ofOne(
      await this.#options.rights.readable(id, credentials),
      credentials,
    );
  }

  async create(
    input: NewKey,
    credentials: BackstageCredentials,
  ): Promise<KeyWithSecret> {
    const { catalog, directory, limits, limitStores, rights } = this.#options;
    const { store, summaries, verified } = this.#options;
    const now = Date.now();
    const by = nameOf(credentials);
    const { title, dataClassification } = input;
    const grants = readGrants(input.models, directory);
    const models = together([], grants);
    const terms = { title, ownerRef: input.ownerRef, models };
    return this.#audited('key-create', terms, credentials, async () => {
      const ownerRef = await catalog.owner(input.ownerRef);
      const system = input.systemRef
        ? await catalog.system(input.systemRef)
        : undefined;
      await rights.mayCreate(ownerRef, system, credentials);
      await rights.mayGrant(grants, credentials);
      const key: ModelKey = {
        id: mintKeyId(now),
        title,
        ownerRef,
        systemRef: system?.ref,
        models,
        dataClassification,
        createdAt: now,
        createdBy: by,
        updatedAt: now,
        expiresAt: readExpiry(input.expiresAt, limits, now),
      };
      const secret = mintSecret(key.id);
      const takeBack = await setSpendingLimits(limitStores, key.id, input, by);
      try {
        await store.create(key, secret);
      } catch (error) {
        await takeBack().catch(() => {});
        throw error;
      }
      await verified.afterChange();
      return {
        key: await summaries.ofOne(key, credentials),
        secret: secret.text,
      };
    });
  }

  async update(
    id: string,
    input: KeyUpdate,
    credentials: BackstageCredentials,
  ): Promise<KeySummary> {
    const { directory, limits, rights, store } = this.#options;
    const { summaries, verified } = this.#options;
    const key = await this.#options.rights.readable(id, credentials);
    return this.#audited(
      'key-update',
      { id, ...input },
      credentials,
      async () => {
        await rights.mayManage(key, 'change', credentials);
        const models = input.models ?? key.models;
        const added = readGrants(
          models.filter(name => !key.models.includes(name)),
          directory,
        );
        await rights.mayGrant(added, credentials);
        const kept = models.filter(name => key.models.includes(name));
        const changed = await store.update(
          id,
          {
            title: input.title ?? key.title,
            models: together(kept, added),
            expiresAt:
              input.expiresAt === undefined
                ? key.expiresAt
                : readExpiry(input.expiresAt, limits, Date.now()),
          },
          nameOf(credentials),
        );
        await verified.afterChange();
        return summaries.ofOne(changed, credentials);
      },
    );
  }

  async rotate(
    id: string,
    input: { overlapSeconds?: number },
    credentials: BackstageCredentials,
  ): Promise<KeyWithSecret> {
    const { rights, store, summaries, verified } = this.#options;
    const key = await this.#options.rights.readable(id, credentials);
    const overlapSeconds = input.overlapSeconds ?? DEFAULT_OVERLAP_SECONDS;
    const terms = { id, overlapSeconds };
    return this.#audited('key-rotate', terms, credentials, async () => {
      await rights.mayManage(key, 'rotate', credentials);
      const secret = await store.rotate(
        id,
        overlapSeconds * 1000,
        nameOf(credentials),
      );
      await verified.afterChange();
      return {
        key: await summaries.ofOne(key, credentials),
        secret: secret.text,
      };
    });
  }

  async revoke(
    id: string,
    credentials: BackstageCredentials,
  ): Promise<KeySummary> {
    const { rights, store, summaries, verified } = this.#options;
    const key = await this.#options.rights.readable(id, credentials);
    return this.#audited('key-revoke', { id }, credentials, async () => {
      await rights.mayManage(key, 'revoke', credentials);
      const revoked = await store.revoke(id, nameOf(credentials));
      await verified.afterChange();
      return summaries.ofOne(revoked, credentials);
    });
  }

  async history(
    id: string,
    query: PageRequest,
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<KeyChange>> {
    await this.#options.rights.readable(id, credentials);
    const limit = query.limit ?? DEFAULT_LIMIT;
    const changes = await this.#options.store.history(id, {
      limit: limit + 1,
      before: decodeCursor(query.cursor, beforeChange)?.before,
    });
    const page = toPage(changes, limit, ({ id: before }) => ({ before }));
    return { ...page, items: page.items.map(toKeyChange) };
  }

  #audited<T>(
    eventId: string,
    terms: object,
    credentials: BackstageCredentials,
    change: () => Promise<T>,
  ): Promise<T> {
    const { auditor } = this.#options;
    return audited(auditor, { eventId, terms, credentials }, change);
  }
}
