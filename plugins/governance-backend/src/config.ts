import { MasterSecret } from '@agentportal/audit-log';
import { readMilliseconds } from '@agentportal/plugin-agents-node';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod/v4';

const typeSchema = z.enum([
  'decision',
  'model-call',
  'tool-call',
  'credential',
  'delegation',
  'policy-change',
  'entity-change',
  'approval',
  'guard',
  'run',
  'other',
]);

const schema = z.object({
  heads: z
    .object({ everyEntries: z.number().int().positive().default(1_000) })
    .prefault({}),
  anchors: z
    .array(
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('file'), path: z.string().min(1) }),
        z.object({ type: z.literal('git'), path: z.string().min(1) }),
        z.object({
          type: z.literal('webhook'),
          url: z.url({ protocol: /^https?$/ }),
          token: z.string().min(1).optional(),
        }),
      ]),
    )
    .default([]),
  retention: z
    .object({
      extendedTypes: z
        .array(typeSchema)
        .default(['credential', 'delegation', 'policy-change', 'approval']),
    })
    .prefault({}),
  writers: z.array(z.string().min(1)).default([]),
  auditorSeverity: z
    .enum(['low', 'medium', 'high', 'critical'])
    .default('medium'),
  maxWaiting: z.number().int().positive().default(10_000),
});

/** Where signed heads are kept. */
export type AnchorConfig = z.output<typeof schema>['anchors'][number];

/** The `governance.audit` section of the app's configuration, after defaults. */
export type AuditConfig = Omit<
  z.output<typeof schema>,
  'heads' | 'retention'
> & {
  headEvery: { entries: number; milliseconds: number };
  /** In milliseconds. */
  retention: { standard: number; extended: number };
  extendedTypes: ReadonlySet<string>;
};

/** Reads the configuration; a wrong value stops the plugin with a sentence. */
export function readAuditConfig(config: Config): AuditConfig {
  const result = schema.safeParse(config.getOptional('governance.audit') ?? {});
  if (!result.success) {
    throw new InputError(
      `The configuration of governance.audit is not valid:\n${z.prettifyError(
        result.error,
      )}`,
    );
  }
  const { heads, retention, ...rest } = result.data;
  const duration = (key: string, days: number) =>
    readMilliseconds(config, `governance.audit.${key}`, days * 86_400_000);
  return {
    ...rest,
    headEvery: {
      entries: heads.everyEntries,
      milliseconds: duration('heads.every', 1 / 1_440),
    },
    retention: {
      standard: duration('retention.standard', 184),
      extended: duration('retention.extended', 2_192),
    },
    extendedTypes: new Set(retention.extendedTypes),
  };
}

/** The secrets of the log, the one in force first. */
export function readSecrets(config: Config): MasterSecret[] {
  const given = config.getOptionalStringArray('governance.audit.secrets');
  if (given?.length) {
    return given.map(text => new MasterSecret(Buffer.from(text, 'base64')));
  }
  const file = config.getOptionalString('governance.audit.secretFile');
  if (!file) {
    throw new InputError(
      'The audit log has no secret. Set governance.audit.secrets to what "openssl rand -base64 32" gives, or governance.audit.secretFile to a file that only the portal can read.',
    );
  }
  const full = path.resolve(file);
  if (!existsSync(full)) {
    if (process.env.NODE_ENV === 'production') {
      throw new InputError(
        `The secret of the audit log is not in ${full}. In production it is not made: replicas have to share it, and it has to outlive their disks. Make it with "openssl rand -base64 32", or set governance.audit.secrets.`,
      );
    }
    mkdirSync(path.dirname(full), { recursive: true, mode: 0o700 });
    writeFileSync(full, `${randomBytes(32).toString('base64')}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
  }
  return [
    new MasterSecret(Buffer.from(readFileSync(full, 'utf8').trim(), 'base64')),
  ];
}
