import type { Entity } from '@backstage/catalog-model';
import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import {
  AGENT_PORTAL_API_VERSION,
  ANNOTATION_STATUS,
  modelEntityName,
} from '@agentportal/plugin-agents-common';
import { z } from 'zod/v4';
import { readAllPages } from './readAllPages';

const nanoUsd = z.number().int().nonnegative();
const modelSchema = z.object({
  id: z.string().min(1),
  title: z.string().nullish(),
  description: z.string().nullish(),
  provider: z.string().nullish(),
  type: z.enum(['chat', 'embedding', 'route']),
  status: z.enum(['available', 'unavailable']),
  contextWindow: z.number().int().positive().nullish(),
  maxOutputTokens: z.number().int().positive().nullish(),
  capabilities: z.array(z.string().min(1)).default([]),
  price: z
    .object({
      inputNanoUsdPerMillionTokens: nanoUsd,
      outputNanoUsdPerMillionTokens: nanoUsd,
      cacheReadNanoUsdPerMillionTokens: nanoUsd.optional(),
      cacheWriteNanoUsdPerMillionTokens: nanoUsd.optional(),
      cacheWrite1hNanoUsdPerMillionTokens: nanoUsd.optional(),
      cacheReadAudioNanoUsdPerMillionTokens: nanoUsd.optional(),
      cacheReadImageNanoUsdPerMillionTokens: nanoUsd.optional(),
      inputAudioNanoUsdPerMillionTokens: nanoUsd.optional(),
      inputImageNanoUsdPerMillionTokens: nanoUsd.optional(),
      reasoningNanoUsdPerMillionTokens: nanoUsd.optional(),
      outputAudioNanoUsdPerMillionTokens: nanoUsd.optional(),
      outputImageNanoUsdPerMillionTokens: nanoUsd.optional(),
    })
    .nullish(),
  source: z.enum(['provider', 'catalog']),
});

/** Reads the models that the configured providers offer, as Model entities. */
export async function readModelEntities(options: {
  auth: AuthService;
  discovery: DiscoveryService;
  /** Entity ref of the owner of all models that no YAML describes. */
  owner: string;
}): Promise<Entity[]> {
  const models = await readAllPages({
    auth: options.auth,
    discovery: options.discovery,
    pluginId: 'models',
    path: '/models',
    item: modelSchema,
  });
  return models
    .filter(model => model.source === 'provider')
    .map(model => toEntity(model, options.owner));
}

function toEntity(model: z.infer<typeof modelSchema>, owner: string): Entity {
  const { contextWindow, maxOutputTokens, price } = model;
  const slash = model.id.indexOf('/');
  const provider = model.provider ?? model.id.slice(0, Math.max(slash, 0));
  return {
    apiVersion: AGENT_PORTAL_API_VERSION,
    kind: 'Model',
    metadata: {
      name: modelEntityName(model.id),
      namespace: 'default',
      title: model.title || model.id,
      ...(model.description ? { description: model.description } : {}),
      annotations: {
        [ANNOTATION_STATUS]:
          model.status === 'available' ? 'available' : 'stale',
      },
    },
    spec: {
      type: model.type,
      lifecycle: 'production',
      owner,
      ...(provider ? { provider } : {}),
      modelId: model.id.slice(slash + 1),
      capabilities: model.capabilities,
      ...(contextWindow ? { contextWindow } : {}),
      ...(maxOutputTokens ? { maxOutputTokens } : {}),
      ...(price ? { price } : {}),
    },
  };
}
