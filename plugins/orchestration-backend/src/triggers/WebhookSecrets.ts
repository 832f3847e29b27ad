import type { Knex } from 'knex';
import { randomBytes, randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { KeyRing, Sealed } from '../checkpoints/KeyRing';

/** How long the secret that was replaced is still good. */
const OVERLAP_MS = 24 * 60 * 60 * 1_000;
const SECRET_BYTES = 32;
const TABLE = 'orchestration_trigger_secrets';

/**
 * The secrets with which other systems sign what they send. A secret is shown when it is
 * made and never again. Source: Standard Webhooks 1.0.0.
 */
export class WebhookSecrets {
  readonly #knex: Knex;
  readonly #keys: KeyRing;
  /** So that an id that nobody has takes as long as one that somebody has. */
  readonly #nobodys = randomBytes(SECRET_BYTES).toString('base64');

  constructor(options: { knex: Knex; keys: KeyRing }) {
    this.#knex = options.knex;
    this.#keys = options.keys;
  }

  /** Makes a secret; the one of before is good for a day more. */
  async make(
    triggerId: string,
    by: string,
    now: number,
  ): Promise<{ secret: string; previousValidUntil?: string }> {
    const id = randomUUID();
    const text = randomBytes(SECRET_BYTES).toString('base64');
    const until = now + OVERLAP_MS;
    const replaced = await this.#knex.transaction(async tx => {
      // One that was replaced before stays good no longer than was said then.
      const previous = await tx(TABLE)
        .where({ trigger_id: triggerId })
        .whereNull('expires_at')
        .update({ expires_at: until });
      await tx(TABLE).insert({
        id,
        trigger_id: triggerId,
        ...this.#keys.seal(placeOf(id), Buffer.from(text)),
        created_by: by,
        created_at: now,
      });
      return previous;
    });
    return {
      secret: `whsec_${text}`,
      ...(replaced && { previousValidUntil: new Date(until).toISOString() }),
    };
  }

  /** Those of some triggers that have a secret. */
  async madeFor(triggerIds: string[]): Promise<Set<string>> {
    const rows = await this.#knex(TABLE)
      .distinct('trigger_id')
      .whereIn('trigger_id', triggerIds)
      .whereNull('expires_at');
    return new Set(rows.map(row => row.trigger_id));
  }

  /**
   * Whether somebody who has a secret of the trigger has signed it within five minutes.
   *
   * @returns who has made that secret, as far as it is known, and so could sign it too
   */
  async verify(
    triggerId: string | undefined,
    body: Buffer,
    headers: Record<string, string>,
    now: number,
  ): Promise<{ madeBy?: string } | undefined> {
    type Row = Sealed & { id: string; created_by: string | null };
    const rows: Row[] = triggerId
      ? await this.#knex(TABLE)
          .where({ trigger_id: triggerId })
          .andWhere(valid =>
            valid.whereNull('expires_at').orWhere('expires_at', '>', now),
          )
          .orderBy('created_at', 'desc')
          .limit(5)
      : [];
    const secrets = rows.map(row =>
      this.#keys.open(placeOf(row.id), row).toString(),
    );
    const signed = [...secrets, this.#nobodys].map(secret => {
      try {
        new Webhook(secret).verify(body, headers, { jsonParse: false });
        return true;
      } catch {
        return false;
      }
    });
    const row = rows[signed.indexOf(true)];
    return row && { madeBy: row.created_by ?? undefined };
  }
}

function placeOf(id: string): string[] {
  return ['webhook secret', id];
}
