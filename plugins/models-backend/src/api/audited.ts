import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { nameOf } from './caller';

/**
 * Makes a change with an entry in the audit trail, also when it fails.
 *
 * @param terms - what is asked for; never with a secret in it
 */
export async function audited<T>(
  auditor: AuditorService,
  event: { eventId: string; terms: object; credentials: BackstageCredentials },
  change: () => Promise<T>,
): Promise<T> {
  const { credentials, eventId, terms } = event;
  const entry = await auditor.createEvent({
    eventId,
    severityLevel: 'medium',
    meta: { by: nameOf(credentials), ...JSON.parse(JSON.stringify(terms)) },
  });
  try {
    const result = await change();
    await entry.success();
    return result;
  } catch (error) {
    await entry.fail({ error: error as Error });
    throw error;
  }
}
