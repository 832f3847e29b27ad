import type { ModelDirectory } from '@agentportal/model-gateway';
import {
  costReadPermission,
  type ModelCall,
  modelReadPermission,
  type ModelsPage,
  type ModelSummary,
  type ModelType,
  type ProviderSummary,
} from '@agentportal/plugin-models-common';
import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { z } from 'zod/v4';
import type { ModelDecisions } from '../access/ModelDecisions';
import { queryCalls } from '../ledger/calls';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { decodeCursor, encodeCursor } from './cursor';
import type { ModelSummaries } from './ModelSummaries';

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;

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
  readonly #decisions: ModelDecisions;
  readonly #ledger: DatabaseCallLedger;
  readonly #permissions: PermissionsService;

  constructor(options: {
    directory: ModelDirectory;
    summaries: ModelSummaries;
    decisions: ModelDecisions;
    ledger: DatabaseCallLedger;
    permissions: PermissionsService;
  }) {
    this.#directory = options.directory;
    this.#summaries = options.summaries;
    this.#decisions = options.decisions;
    this.#ledger = options.ledger;
    this.#permissions = options.permissions;
  }

  async listModels(
    query: PageRequest & { q?: string; type?: ModelType },
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<ModelSummary>> {
    const allows = await this.#decisions.allower(
      modelReadPermission,
      credentials,
    );
    const after = decodeCursor(query.cursor, afterId)?.after;
    const words = wordsOf(query.q);
    const models = (await this.#summaries.list(allows)).filter(
      model =>
        (!query.type || model.type === query.type) &&
        (after === undefined || model.id > after) &&
        words.every(word => textOf(model).includes(word)),
    );
    return page(models, query.limit, model => ({ after: model.id }));
  }

  async getModel(
    name: string,
    credentials: BackstageCredentials,
  ): Promise<ModelSummary> {
    const allows = await this.#decisions.allower(
      modelReadPermission,
      credentials,
    );
    const { id } = this.#summaries.resource(name);
    const [found] = await this.#summaries.list(
      model => model.id === id && allows(model),
    );
    if (!found) {
      // What one may not see is not there.
      throw new NotFoundError(
        `There is no model ${name}; the list of models has all ids.`,
      );
    }
    return found;
  }

  async listProviders(
    query: PageRequest,
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<ProviderSummary>> {
    const allows = await this.#decisions.allower(
      modelReadPermission,
      credentials,
    );
    const after = decodeCursor(query.cursor, afterId)?.after;
    const providers = this.#directory
      .providers()
      .filter(({ provider }) =>
        (['chat', 'embedding'] as const).some(type =>
          allows({ id: provider.id, provider: provider.id, type }),
        ),
      )
      .map(
        (state): ProviderSummary => ({
          id: state.provider.id,
          type: state.provider.type,
          baseUrl: state.provider.baseUrl,
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
    return page(providers, query.limit, provider => ({ after: provider.id }));
  }

  async listCalls(
    query: PageRequest & { runId?: string; agentRef?: string },
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<ModelCall>> {
    await this.#mayReadCosts(credentials);
    const { items, next } = await queryCalls(this.#ledger, {
      runId: query.runId,
      agentRef: query.agentRef,
      limit: query.limit ?? DEFAULT_LIMIT,
      after: decodeCursor(query.cursor, atCall),
    });
    return { items, ...(next && { nextCursor: encodeCursor(next) }) };
  }

  async #mayReadCosts(credentials: BackstageCredentials): Promise<void> {
    const [decision] = await this.#permissions.authorize(
      [{ permission: costReadPermission }],
      { credentials },
    );
    if (decision.result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(
        'You may not see what model calls cost; ask for the permission models.cost.read.',
      );
    }
  }
}

function page<T>(
  items: T[],
  limit: number = DEFAULT_LIMIT,
  positionOf: (item: T) => unknown,
): ModelsPage<T> {
  const size = Math.min(limit, MAX_LIMIT);
  const last = items[size - 1];
  return {
    items: items.slice(0, size),
    ...(items.length > size && { nextCursor: encodeCursor(positionOf(last)) }),
  };
}

function wordsOf(q: string = ''): string[] {
  return q.toLocaleLowerCase('en-US').split(/\s+/).filter(Boolean);
}

function textOf(model: ModelSummary): string {
  return [model.id, model.title, model.description, ...model.capabilities]
    .join(' ')
    .toLocaleLowerCase('en-US');
}
