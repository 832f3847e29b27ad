import type { StreamResponse } from '@a2a-js/sdk';
import { V03PushNotificationSerializer } from '@a2a-js/sdk/compat/v0_3/server';
import { V1PushNotificationSerializer } from '@a2a-js/sdk/server';
import { FINAL_RUN_STATUSES } from '@agentportal/plugin-orchestration-common';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import type { RunStore } from '../../store/RunStore';
import { createPeerFetch } from '../peers/createPeerFetch';
import { toTask } from '../tasks';
import { type PushConfigs, type PushRow, PUSH_TABLE } from './PushConfigs';

const LOOK_EVERY_MS = 1_000;
const TIMEOUT_MS = 10_000;
/** Whoever has taken a row and died leaves it to others after this. */
const CLAIM_MS = 2 * TIMEOUT_MS;
/** Tried after 2, 4, 8 seconds and so on, about 17 minutes in all. */
const MAX_ATTEMPTS = 10;
/** So many are told at once, and of them so many at one address: it may be slow. */
const AT_ONCE = 50;
const AT_ONCE_EACH = 5;

/**
 * Tells those who want to know when the status of a run has changed. What was not told yet
 * stands in rows, so a restart loses nothing; somebody may be told twice, never
 * not at all while they answer within a quarter of an hour.
 */
export class PushSender {
  readonly #knex: Knex;
  readonly #runs: RunStore;
  readonly #configs: PushConfigs;
  readonly #logger: LoggerService;
  /** Those who are being told, by origin. */
  readonly #underWay = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  /** Whether there is more to tell than room. */
  #isBehind = false;
  #stopped = false;

  constructor(options: {
    knex: Knex;
    runs: RunStore;
    configs: PushConfigs;
    logger: LoggerService;
  }) {
    this.#knex = options.knex;
    this.#runs = options.runs;
    this.#configs = options.configs;
    this.#logger = options.logger;
  }

  start(afterMs = LOOK_EVERY_MS): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      try {
        await this.#look();
      } catch (error) {
        this.#logger.warn(`Push notifications are late: ${error}`);
      }
      if (!this.#stopped) {
        this.start();
      }
    }, afterMs);
    this.#timer.unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #look(now = Date.now()): Promise<void> {
    const busy = [...this.#underWay];
    const room = AT_ONCE - busy.reduce((sum, [, count]) => sum + count, 0);
    const full = busy.filter(([, count]) => count >= AT_ONCE_EACH);
    this.#isBehind = room <= 0;
    if (this.#isBehind) {
      return;
    }
    const rows: PushRow[] = await this.#knex({ p: PUSH_TABLE })
      .join({ r: 'orchestration_runs' }, 'r.id', 'p.run_id')
      .where('p.next_at', '<=', now)
      .whereNot('r.status', this.#knex.ref('p.told_status'))
      .modify(select =>
        full.forEach(([origin]) => {
          select.whereNot('p.url', 'like', `${origin}/%`);
        }),
      )
      .orderBy('p.next_at')
      .limit(room)
      .select('p.*');
    this.#isBehind = rows.length === room;
    for (const row of rows) {
      const { origin } = new URL(row.url);
      const count = this.#underWay.get(origin) ?? 0;
      if (count >= AT_ONCE_EACH) {
        this.#isBehind = true;
      } else {
        this.#underWay.set(origin, count + 1);
        // Nobody waits for the slowest of them.
        void this.#claimAndTell(row, now)
          .catch(error =>
            this.#logger.warn(`A push notification is late: ${error}`),
          )
          .finally(() => this.#leave(origin));
      }
    }
  }

  #leave(origin: string): void {
    const left = this.#underWay.get(origin)! - 1;
    if (left) {
      this.#underWay.set(origin, left);
    } else {
      this.#underWay.delete(origin);
    }
    if (this.#isBehind && !this.#stopped) {
      this.start(0);
    }
  }

  async #claimAndTell(row: PushRow, now: number): Promise<void> {
    const own = () =>
      this.#knex(PUSH_TABLE).where({ run_id: row.run_id, id: row.id });
    const claimed = await own()
      .where({ next_at: row.next_at, attempts: row.attempts })
      .update({ next_at: now + CLAIM_MS, attempts: row.attempts + 1 });
    const run = claimed && (await this.#runs.get(row.run_id));
    if (!run) {
      return;
    }
    const { status } = run.summary;
    try {
      await this.#tell(row, {
        payload: { $case: 'task', value: toTask(run.summary) },
      });
      await own().update({
        told_status: status,
        attempts: 0,
        next_at: FINAL_RUN_STATUSES.includes(status) ? null : Date.now(),
      });
    } catch (error) {
      const attempts = row.attempts + 1;
      const over = attempts >= MAX_ATTEMPTS;
      await own().update({
        next_at: over ? null : Date.now() + 2 ** attempts * 1_000,
      });
      this.#logger.warn(
        `${new URL(row.url).host} could not be told of run ${row.run_id}${
          over ? ', and is not tried again' : ''
        }: ${error}`,
      );
    }
  }

  async #tell(row: PushRow, what: StreamResponse): Promise<void> {
    const { authentication, token } = this.#configs.secretsOf(row);
    const serializer =
      row.version === '0.3'
        ? new V03PushNotificationSerializer()
        : new V1PushNotificationSerializer();
    const { body, contentType } = serializer.serialize(what);
    const url = new URL(row.url);
    const peer = createPeerFetch({
      origin: url.origin,
      privateAllowed: this.#configs.isAllowedHost(url),
      idleTimeoutMs: TIMEOUT_MS,
    });
    try {
      const response = await peer.fetch(row.url, {
        method: 'POST',
        body,
        headers: {
          'content-type': contentType,
          ...(token && { 'x-a2a-notification-token': token }),
          ...(authentication && {
            authorization: `${authentication.scheme} ${authentication.credentials}`,
          }),
        },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (!response.ok) {
        throw new Error(`it answered with HTTP ${response.status}`);
      }
    } finally {
      await peer.close();
    }
  }
}
