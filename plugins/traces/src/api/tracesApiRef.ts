import type { TracesClient } from '@agentportal/plugin-traces-common';
import { createApiRef } from '@backstage/frontend-plugin-api';

/**
 * Lists traces and their figures, reads one, and flags it.
 *
 * @public
 */
export type TracesApi = Pick<
  TracesClient,
  | 'listTraces'
  | 'flagTrace'
  | 'unflagTrace'
  | 'getTrace'
  | 'listSpans'
  | 'getSpan'
  | 'getSeries'
  | 'getTail'
>;

/**
 * The traces backend, as the signed-in person.
 *
 * @public
 */
export const tracesApiRef = createApiRef<TracesApi>().with({
  id: 'plugin.traces.client',
  pluginId: 'traces',
});
