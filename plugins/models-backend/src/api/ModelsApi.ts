import {
  decodeCursor,
  encodeCursor,
  type PermissionDecisions,
} from '@agentportal/plugin-agents-node';
import { MODEL_TYPES, type ModelDirectory } from '@agentportal/model-gateway';
import {
  type CallsPage,
  modelReadPermission,
  type ModelsPage,
  type ModelSummary,
  type ModelType,
  type ProviderSummary,
} from '@agentportal/plugin-models-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import { z } from 'zod/v4';
import { type CallRights, selfOf } from '../access/CallRights';
import type { ModelResource } from '../access/rules';
import { readAccount } from '../budgets/readScope';
import type { KeyRights } from '../keys/KeyRights';
import { queryCalls } from '../ledger/calls';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { DEFAULT_LIMIT, toPage } from './page';
import type { ModelSummaries } from './ModelSummaries';

const afterId = z.object({ after: z.string() });
const atCall = z.object({ createdAt: z.number(), id: z.string() });

interface PageRequest {
  limit?: number;
  cursor?: string;
}

/** The management API, the same for HTTP and for actions. */
export class ModelsApi {
  readonly #directory: ModelDirectory;
  readonly #summaries: ModelSummaries;
  readonly #decisions: PermissionDecisions<ModelResource>;
  readonly #ledger: DatabaseCallLedger;
  readonly #calls: CallRights;
  readonly #keys: Pick<KeyRights, 'visible'>;

  constructor(options: {
    directory: ModelDirectory;
    summaries: ModelSummaries;
    decisions: PermissionDecisions<ModelResource>;
    ledger: DatabaseCallLedger;
    calls: CallRights;
    keys: Pick<KeyRights, 'visible'>;
  }) {
    this.#directory = options.directory;
    this.#summaries = options.summaries;
    this.#decisions = options.decisions;
    this.#ledger = options.ledger;
    this.#calls = options.calls;
    this.#keys = options.keys;
  }

  async listModels(
    query: PageRequest & { q?: string; type?: ModelType },
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<ModelSummary>> {
    const after = decodeCursor(query.cursor, afterId)?.after;
    const words = wordsOf(query.q);
    const [{ allows }, seen] = await Promise.all([
      this.#decisions.allower(modelReadPermission, credentials),
      this.#calls.seen(credentials),
    ]);
    const models = (await this.#summaries.list(allows, seen)).filter(
      model =>
        (!query.type || model.type === query.type) &&
        (after === undefined || model.id > after) &&
        words.every(word => textOf(model).includes(word)),
    );
    return toPage(models, query.limit ?? DEFAULT_LIMIT, ({ id }) => ({
      after: id,
    }));
  }

  async getModel(
    name: string,
    credentials: BackstageCredentials,
  ): Promise<ModelSummary> {
    const [id, seen] = await Promise.all([
      this.readableId(name, credentials),
      this.#calls.seen(credentials),
    ]);
    const [found] = await this.#summaries.list(model => model.id === id, seen);
    if (!found) {
      throw noSuchModel(name);
    }
    return found;
  }

  /** The id of a model that the caller may see, by any of its names. */
  async readableId(
    name: string,
    credentials: BackstageCredentials,
  ): Promise<string> {
    const { allows } = await this.#decisions.allower(
      modelReadPermission,
      credentials,
    );
    const resource = this.#summaries.find(name);
    if (!resource || !allows(resource)) {
      // What one may not see is not there.
      throw noSuchModel(name);
    }
    return resource.id;
  }

  async listProviders(
    query: PageRequest,
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<ProviderSummary>> {
    const { allows } = await this.#decisions.allower(
      modelReadPermission,
      credentials,
    );
    const after = decodeCursor(query.cursor, afterId)?.after;
    const providers = this.#directory
      .providers()
      .filter(({ provider }) =>
        MODEL_TYPES.some(type =>
          allows({ id: provider.id, provider: provider.id, type }),
        ),
      )
      .map(
        (state): ProviderSummary => ({
          id: state.provider.id,
          type: state.provider.type,
          baseUrl: withoutSecrets(state.provider.baseUrl),
          status: state.status,
          message: state.message,
          modelCount: state.modelCount,
          checkedAt:
            state.checkedAt === undefined
              ? undefined
              : new Date(state.checkedAt).toISOString(),
        }),
      )
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .filter(provider => after === undefined || provider.id > after);
    return toPage(providers, query.limit ?? DEFAULT_LIMIT, ({ id }) => ({
      after: id,
    }));
  }

  async listCalls(
    query: PageRequest & { runId?: string; agentRef?: string },
    credentials: BackstageCredentials,
  ): Promise<CallsPage> {
    const among = await this.#calls.visible(credentials);
    const self = selfOf(credentials);
    const { items, next } = await queryCalls(this.#ledger, {
      ...readAccount({ agentRef: query.agentRef }),
      runId: query.runId,
      among,
      limit: query.limit ?? DEFAULT_LIMIT,
      after: decodeCursor(query.cursor, atCall),
    });
    const visible = await this.#keys.visible(
      [...new Set(items.flatMap(({ keyId }) => keyId ?? []))],
      credentials,
    );
    return {
      visible: among ? 'own' : 'all',
      // Who may see costs may not see keys by that alone, nor who else called.
      items: items.map(({ keyId, userRef, ...call }) => ({
        ...call,
        ...(keyId !== undefined && visible.has(keyId) && { keyId }),
        ...((!among || userRef === self) && { userRef }),
      })),
      ...(next && { nextCursor: encodeCursor(next) }),
    };
  }
}

function noSuchModel(name: string): NotFoundError {
  return new NotFoundError(
    `There is no model ${name}; the list of models has all ids.`,
  );
}

/** A URL as people may see it: some operators write a password into it. */
function withoutSecrets(baseUrl: string): string {
  if (!/[@?]/.test(baseUrl)) {
    return baseUrl;
  }
  const { origin, pathname } = new URL(baseUrl);
  return `${origin}${pathname}`;
}

function wordsOf(q: string = ''): string[] {
  return q.toLocaleLowerCase('en-US').split(/\s+/).filter(Boolean);
}

function textOf(model: ModelSummary): string {
  return [model.id, model.title, model.description, ...model.capabilities]
    .join(' ')
    .toLocaleLowerCase('en-US');
}
