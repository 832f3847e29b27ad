import { Webhook } from 'standardwebhooks';
import {
  type AnnouncementChannel,
  BUDGET_THRESHOLD_TOPIC,
  payloadOf,
} from './announcementChannels';
import type { BudgetOwners } from './BudgetOwners';

const TIMEOUT_MS = 10_000;

/** A server of the operator's that is told of thresholds. */
export interface BudgetWebhook {
  /** By which it is remembered what it was told. */
  id: string;
  url: string;
  secret: string;
}

/**
 * A server that is told of thresholds by POST, one after the other, signed. What it
 * does not answer with 2xx comes again with the same id.
 *
 * Source: Standard Webhooks 1.0.
 */
export function webhookChannel(options: {
  webhook: BudgetWebhook;
  owners: BudgetOwners;
}): AnnouncementChannel {
  const { owners, webhook } = options;
  return {
    id: `hook:${webhook.id}`,
    isOpen: () => true,
    async tell(crossings) {
      for (const crossing of crossings) {
        const { budget, threshold, windowStart } = crossing;
        // Without a full stop, which is what stands between the parts that are signed.
        const perMillion = Math.round(threshold * 1e6);
        const id = `${budget.id}:${windowStart}:${budget.limitNanoUsd}:${perMillion}`;
        const now = new Date();
        const body = JSON.stringify({
          type: BUDGET_THRESHOLD_TOPIC,
          timestamp: now.toISOString(),
          data: {
            ...payloadOf(crossing),
            ownerRefs: await owners.ownersOf(budget.scope).catch(() => []),
          },
        });
        await post(webhook, id, now, body);
      }
    },
  };
}

async function post(
  { secret, url }: BudgetWebhook,
  id: string,
  now: Date,
  body: string,
): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    },
    body,
    // What is signed is for this server and no other.
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(error => {
    // The address may have a secret in it.
    throw new Error(
      `it cannot be reached (${
        (error as { cause?: { code?: string } }).cause?.code ??
        (error as Error).name
      })`,
    );
  });
  await answer.body?.cancel();
  if (!answer.ok) {
    throw new Error(`it answered with status ${answer.status}`);
  }
}
