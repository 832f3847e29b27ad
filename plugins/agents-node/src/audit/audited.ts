import type {
  AuditorService,
  AuditorServiceCreateEventOptions,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import type { Request } from 'express';
import { principalNameOf } from '../acting/principalOf';

/**
 * Does something with an event for the auditor, also when it is refused.
 *
 * @param event.meta - what is asked for; never with a secret in it
 * @param describe - what came of it
 * @public
 */
export async function audited<T>(
  auditor: AuditorService,
  event: Pick<AuditorServiceCreateEventOptions, 'eventId' | 'severityLevel'> & {
    meta: JsonObject;
    by: { credentials: BackstageCredentials; request?: Request };
  },
  act: () => Promise<T>,
  describe: (result: T) => JsonObject = () => ({}),
): Promise<T> {
  const { by, meta, ...what } = event;
  const entry = await auditor.createEvent({
    ...what,
    ...(by.request && { request: by.request }),
    meta: { ...meta, by: principalNameOf(by.credentials) },
  });
  try {
    const result = await act();
    await entry.success({ meta: describe(result) });
    return result;
  } catch (error) {
    await entry.fail({ error: toError(error) });
    throw error;
  }
}
