import { type Entity, parseEntityRef } from '@backstage/catalog-model';
import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { AGENT_PORTAL_API_VERSION } from '@agentportal/plugin-agents-common';
import {
  ModelsClient,
  type ModelSummary,
} from '@agentportal/plugin-models-common';
import {
  ToolsClient,
  type ToolSummary,
} from '@agentportal/plugin-tools-common';

const PAGE_SIZE = 100;
const TIMEOUT_MS = 30_000;
/** Far above any real portal; stops a source whose cursors go in circles. */
const MAX_PAGES = 1_000;
/** Longer descriptions belong to models, not to catalog pages. */
const MAX_DESCRIPTION = 2_000;

interface Services {
  auth: AuthService;
  discovery: DiscoveryService;
}

type Page<T> = { items: T[]; nextCursor?: string };
type Request = { token: string; signal: AbortSignal };

/**
 * Reads the tools that the tools backend has discovered, as Tool entities. Only
 * what lasts is in an entity: whether a server answers now, its figures and the
 * schemas are in the tools API.
 */
export async function readToolEntities(services: Services): Promise<Entity[]> {
  const client = clientOf(ToolsClient, services);
  const tools = await readAll(services, 'tools', (query, request) =>
    client.listTools(query, request),
  );
  return tools.map(toolEntity);
}

/** Reads the models that the configured providers offer, as Model entities. */
export async function readModelEntities(
  services: Services & {
    /** Entity ref of the owner of all models that no YAML describes. */
    owner: string;
  },
): Promise<Entity[]> {
  const client = clientOf(ModelsClient, services);
  const models = await readAll(services, 'models', (query, request) =>
    client.listModels(query, request),
  );
  return models
    .filter(model => model.source === 'provider')
    .map(model => modelEntity(model, services.owner));
}

function toolEntity(tool: ToolSummary): Entity {
  const { name, namespace } = parseEntityRef(tool.ref);
  return {
    apiVersion: AGENT_PORTAL_API_VERSION,
    kind: 'Tool',
    metadata: {
      name,
      namespace,
      title: tool.title || tool.toolName,
      ...(tool.description && {
        description: tool.description.slice(0, MAX_DESCRIPTION),
      }),
    },
    spec: {
      type: 'mcp',
      lifecycle: 'production',
      owner: tool.ownerRef,
      riskTier: tool.riskTier,
      ...(tool.dataClassification && {
        dataClassification: tool.dataClassification,
      }),
      providedBy: tool.serverRef,
      toolName: tool.toolName,
      ...(tool.annotations && { annotations: tool.annotations }),
    },
  };
}

function modelEntity(model: ModelSummary, owner: string): Entity {
  const { contextWindow, maxOutputTokens, price, provider } = model;
  const { name, namespace } = parseEntityRef(model.ref);
  return {
    apiVersion: AGENT_PORTAL_API_VERSION,
    kind: 'Model',
    metadata: {
      name,
      namespace,
      title: model.title || model.id,
      ...(model.description && { description: model.description }),
    },
    spec: {
      type: model.type,
      lifecycle: 'production',
      owner,
      provider,
      modelId: model.id.slice(model.id.indexOf('/') + 1),
      capabilities: model.capabilities,
      ...(contextWindow && { contextWindow }),
      ...(maxOutputTokens && { maxOutputTokens }),
      ...(price && { price }),
    },
  };
}

function clientOf<T>(
  Client: new (options: {
    discoveryApi: DiscoveryService;
    fetchApi: { fetch: typeof fetch };
  }) => T,
  { discovery }: Services,
): T {
  return new Client({ discoveryApi: discovery, fetchApi: { fetch } });
}

/** Reads all pages of a list of another plugin, in the name of this one. */
async function readAll<T>(
  { auth }: Services,
  pluginId: string,
  read: (
    query: { limit: number; cursor?: string },
    request: Request,
  ) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: pluginId,
    });
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const page = await read({ limit: PAGE_SIZE, cursor }, { token, signal });
    items.push(...page.items);
    cursor = page.nextCursor;
    if (!cursor) {
      return items;
    }
  }
  throw new Error(`The list of ${pluginId} does not come to an end`);
}
