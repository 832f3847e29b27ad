import { type Entity, parseEntityRef } from '@backstage/catalog-model';
import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import {
  AGENT_PORTAL_API_VERSION,
  ANNOTATION_LAST_SEEN,
  ANNOTATION_STATUS,
  toolEntityName,
} from '@agentportal/plugin-agents-common';
import type { JsonObject } from '@backstage/types';
import { z } from 'zod/v4';
import { inertSchema } from './inertSchema';
import { readAllPages } from './readAllPages';

/** Longer descriptions belong to models, not to catalog pages. */
const MAX_DESCRIPTION = 2_000;

const jsonObject = z.record(z.string(), z.unknown());
const toolSchema = z.object({
  toolName: z.string().min(1),
  title: z.string().nullish(),
  description: z.string().nullish(),
  serverRef: z.string().min(1),
  ownerRef: z.string().min(1),
  riskTier: z.enum(['read', 'write', 'external', 'critical', 'forbidden']),
  status: z.enum(['available', 'stale']),
  annotations: z
    .object({
      title: z.string().optional(),
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
    })
    .nullish(),
  inputSchema: jsonObject.nullish(),
  outputSchema: jsonObject.nullish(),
  lastSeenAt: z.string().nullish(),
});

/** Reads the tools that the tools backend has discovered, as Tool entities. */
export async function readToolEntities(options: {
  auth: AuthService;
  discovery: DiscoveryService;
}): Promise<Entity[]> {
  const tools = await readAllPages({
    ...options,
    pluginId: 'tools',
    path: '/tools',
    item: toolSchema,
  });
  return tools.map(toEntity);
}

function toEntity(tool: z.infer<typeof toolSchema>): Entity {
  const server = parseEntityRef(tool.serverRef, { defaultKind: 'API' });
  const input = tool.inputSchema as JsonObject | undefined;
  const output = tool.outputSchema as JsonObject | undefined;
  return {
    apiVersion: AGENT_PORTAL_API_VERSION,
    kind: 'Tool',
    metadata: {
      name: toolEntityName(server.name, tool.toolName),
      namespace: server.namespace,
      title: tool.title || tool.annotations?.title || tool.toolName,
      ...(tool.description
        ? { description: tool.description.slice(0, MAX_DESCRIPTION) }
        : {}),
      annotations: {
        [ANNOTATION_STATUS]: tool.status,
        ...(tool.lastSeenAt ? { [ANNOTATION_LAST_SEEN]: tool.lastSeenAt } : {}),
      },
    },
    spec: {
      type: 'mcp',
      lifecycle: 'production',
      owner: tool.ownerRef,
      riskTier: tool.riskTier,
      providedBy: tool.serverRef,
      toolName: tool.toolName,
      ...(input ? { inputSchema: inertSchema(input) } : {}),
      ...(output ? { outputSchema: inertSchema(output) } : {}),
      ...(tool.annotations ? { annotations: tool.annotations } : {}),
    },
  };
}
