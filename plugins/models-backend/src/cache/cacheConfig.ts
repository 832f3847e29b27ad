import { z } from 'zod/v4';

const part = z.number().min(0).max(1);

/** `models.cache` of app-config. */
export const cacheSchema = z
  .strictObject({
    /** Switches answers from memory off for all, whatever agents say. */
    enabled: z.boolean().default(true),
    secret: z.string().min(16).optional(),
    tenant: z.string().min(1).max(200).default('default'),
    version: z.string().min(1).max(200).optional(),
    ttlSeconds: z.number().int().positive().max(2_592_000).default(3_600),
    maxEntries: z.number().int().positive().default(100_000),
    maxEntriesPerPartition: z.number().int().positive().default(1_000),
    memoryBytes: z.number().int().positive().default(67_108_864),
    embeddingModel: z.string().min(1).max(300).optional(),
    thresholds: z
      .strictObject({ lexical: part.optional(), model: part.optional() })
      .optional(),
  })
  .prefault({});

export type CacheConfig = z.infer<typeof cacheSchema>;
