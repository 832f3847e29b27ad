import { z } from 'zod/v4';
import { bytesSchema, countSchema, hashSchema } from './encoding';
import { publicKeysSchema, treeHeadSchema } from './heads';
import { sealedPartSchema } from './subjects/persons';

/**
 * What the verifier has to know of an entry; all else is under the hash as well. The
 * leaf of an entry is its canonical text.
 *
 * @public
 */
export const entrySchema = z.looseObject({
  tenant: z.string(),
  seq: countSchema,
  id: z.string(),
  recordedAt: z.iso.datetime({ precision: 3 }),
  action: z.string(),
  source: z.string().optional(),
  sealed: z.array(sealedPartSchema).optional(),
});

/**
 * Data of the entry that {@link DROP_ACTION} names.
 *
 * @public
 */
export const dropSchema = z.looseObject({
  /** From and up to but not including. */
  ranges: z.array(z.tuple([countSchema, countSchema])),
});

/**
 * Action of the entry that says which entries were deleted at the end of their time.
 *
 * @public
 */
export const DROP_ACTION = 'audit.retention.drop';

/**
 * Source of what the log says about itself. A log writes into each entry who recorded
 * it, so no other plugin can say that entries were deleted because it was time.
 *
 * @public
 */
export const LOG_SOURCE = 'plugin:governance';

/**
 * One line of an export. `header` is the first, `end` the last; in between entries
 * stand in order, and in an export of the whole log also the signed heads between
 * them, and the hashes of what was deleted in its place.
 *
 * @public
 */
export const exportLineSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('header'),
    format: z.literal('agent-portal-audit/1'),
    tenant: z.string(),
    /** The whole log up to the head, or entries that were asked for. */
    scope: z.enum(['all', 'some']),
    filter: z.record(z.string(), z.unknown()).optional(),
    createdAt: z.iso.datetime({ precision: 3 }),
    /** To which the proof of each entry leads. */
    head: treeHeadSchema,
    keys: publicKeysSchema.shape.keys,
  }),
  z.strictObject({ kind: z.literal('head'), head: treeHeadSchema }),
  z.strictObject({
    kind: z.literal('entry'),
    /** Sequence number of what stands before it in the export; -1 before the first. */
    after: z.number().int().min(-1),
    entry: entrySchema,
    proof: z.array(hashSchema).max(64),
    /** By subject, the key that opens its part; who is erased has none. */
    keys: z.record(z.string(), hashSchema).optional(),
  }),
  z.strictObject({
    kind: z.literal('dropped'),
    from: countSchema,
    to: countSchema,
    nodes: z
      .array(z.strictObject({ height: countSchema.max(52), hash: hashSchema }))
      .min(1),
  }),
  z.strictObject({
    kind: z.literal('end'),
    entries: countSchema,
    /** SHA-256 of all lines before, each with its line feed. */
    digest: hashSchema,
    keyId: z.string(),
    signature: bytesSchema(64),
  }),
]);

/**
 * One line of an export.
 *
 * @public
 */
export type ExportLine = z.output<typeof exportLineSchema>;
