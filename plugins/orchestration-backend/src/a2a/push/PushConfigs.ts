import type { TaskPushNotificationConfig } from '@a2a-js/sdk';
import { isPrivateHost, matchesHost } from '@agentportal/plugin-agents-node';
import { FINAL_RUN_STATUSES } from '@agentportal/plugin-orchestration-common';
import type { RunSummary } from '@agentportal/plugin-orchestration-common';
import { ConflictError, InputError } from '@backstage/errors';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { z } from 'zod/v4';
import type { KeyRing } from '../../checkpoints/KeyRing';

export const PUSH_TABLE = 'orchestration_a2a_push';

/** How many may be told of one task. */
const MAX_CONFIGS = 5;

const configSchema = z.object({
  id: z.string().max(64),
  url: z.url({ protocol: /^https?$/ }).max(2_000),
  token: z.string().max(4_000),
  authentication: z
    .object({
      scheme: z.string().regex(/^[A-Za-z][\w-]{0,30}$/),
      credentials: z
        .string()
        .max(8_000)
        .regex(/^[ -~]*$/),
    })
    .optional(),
});

/** What is sent along so that the receiver knows who it is. */
export type PushSecrets = Pick<
  z.output<typeof configSchema>,
  'token' | 'authentication'
>;

/** A row of the table. */
export interface PushRow {
  run_id: string;
  id: string;
  url: string;
  version: string;
  key_id: string | null;
  secrets: Buffer;
  told_status: string;
  attempts: number;
  next_at: number | string | null;
}

/** Who wants to be told of what becomes of tasks. */
export class PushConfigs {
  readonly #knex: Knex;
  readonly #keys: KeyRing;
  readonly #allowedHosts: string[];

  constructor(options: {
    knex: Knex;
    keys: KeyRing;
    /** Hosts that may be told although they are private, or without TLS. */
    allowedHosts: string[];
  }) {
    this.#knex = options.knex;
    this.#keys = options.keys;
    this.#allowedHosts = options.allowedHosts;
  }

  /** @throws InputError when nothing may be sent there */
  requireAllowed(config: TaskPushNotificationConfig) {
    const parsed = configSchema.safeParse(config);
    if (!parsed.success) {
      throw new InputError(
        `The push notification config is not valid: ${z.prettifyError(
          parsed.error,
        )}`,
      );
    }
    const url = new URL(parsed.data.url);
    const secret = url.username || url.password;
    const allowed = this.isAllowedHost(url);
    if (secret || (!allowed && url.protocol !== 'https:')) {
      throw new InputError(
        'Push notifications go to https URLs without a password in them; use authentication for that.',
      );
    }
    if (!allowed && isPrivateHost(url)) {
      throw new InputError(
        `${url.host} is a private address, to which the portal sends no push notifications unless orchestration.a2a.pushHosts of app-config names it.`,
      );
    }
    return parsed.data;
  }

  /** Whether the operator named the host, whatever its address is. */
  isAllowedHost(url: URL): boolean {
    return matchesHost(url, this.#allowedHosts);
  }

  /** Adds one, or replaces the one of the same maker with the same id. */
  async add(
    run: RunSummary,
    config: TaskPushNotificationConfig,
    { by, version }: { by: string; version: string },
  ): Promise<TaskPushNotificationConfig> {
    const { url, token, authentication, ...rest } = this.requireAllowed(config);
    const id = rest.id || randomUUID();
    const others = await this.#of(run.id, by).whereNot({ id });
    if (others.length >= MAX_CONFIGS) {
      throw new ConflictError(
        `Task ${run.id} has ${MAX_CONFIGS} push notification configs already. Delete one first.`,
      );
    }
    const { key_id: keyId, data } = this.#keys.seal(
      ['a2a-push', run.id, id],
      Buffer.from(JSON.stringify({ token, authentication })),
    );
    await this.#knex(PUSH_TABLE)
      .insert({
        run_id: run.id,
        id,
        created_by: by,
        // As the sender counts by receiver.
        url: new URL(url).href,
        version,
        key_id: keyId,
        secrets: data,
        told_status: run.status,
        attempts: 0,
        next_at: FINAL_RUN_STATUSES.includes(run.status) ? null : Date.now(),
      })
      .onConflict(['run_id', 'id'])
      .merge()
      .where(`${PUSH_TABLE}.created_by`, by);
    if (!(await this.#of(run.id, by).where({ id }).first('id'))) {
      throw new ConflictError(
        `Somebody else has a push notification config ${id} for task ${run.id}. Leave its id out.`,
      );
    }
    return { ...config, id, taskId: run.id };
  }

  /** Those of a task that somebody has made, without their secrets. */
  async list(runId: string, by: string): Promise<TaskPushNotificationConfig[]> {
    const rows: PushRow[] = await this.#of(runId, by).orderBy('id');
    return rows.map(({ id, url }) => ({
      tenant: '',
      id,
      taskId: runId,
      url,
      token: '',
      authentication: undefined,
    }));
  }

  async delete(runId: string, id: string, by: string): Promise<void> {
    await this.#of(runId, by).where({ id }).delete();
  }

  /** Whoever may read a task is not told who else is, and stops nobody from being told. */
  #of(runId: string, by: string) {
    return this.#knex(PUSH_TABLE).where({ run_id: runId, created_by: by });
  }

  secretsOf(row: PushRow): PushSecrets {
    const opened = this.#keys.open(['a2a-push', row.run_id, row.id], {
      key_id: row.key_id,
      data: row.secrets,
    });
    return JSON.parse(opened.toString('utf8'));
  }
}
