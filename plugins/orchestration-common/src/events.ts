import type { AGUIEvent } from '@ag-ui/core';
import type { RunStep } from './types';

/**
 * Name of the AG-UI `CUSTOM` event that carries a step each time it changes.
 *
 * @public
 */
export const RUN_STEP_EVENT = 'agent-portal.step';

/**
 * An event of a run, AG-UI 1.0. Source: https://docs.ag-ui.com.
 *
 * @public
 */
export type RunEvent = AGUIEvent;

/**
 * A run event together with its number in the stream, which resumes it.
 *
 * @public
 */
export interface NumberedRunEvent {
  /** Value for `Last-Event-ID`. */
  id: string;
  event: RunEvent;
}

/**
 * The step that an event carries, or `undefined` for all other events.
 *
 * @public
 */
export function stepOfEvent(event: RunEvent): RunStep | undefined {
  if (event.type !== 'CUSTOM') {
    return undefined;
  }
  const { name, value } = event as { name?: string; value?: unknown };
  return name === RUN_STEP_EVENT
    ? (value as { step?: RunStep } | undefined)?.step
    : undefined;
}

/**
 * Whether a run's stream ends with this event. A run that waits for a person has
 * finished for AG-UI (outcome `interrupt`), and begins again when it goes on.
 *
 * @public
 */
export function isFinalRunEvent(event: RunEvent): boolean {
  return (
    event.type === 'RUN_ERROR' ||
    (event.type === 'RUN_FINISHED' && event.outcome?.type !== 'interrupt')
  );
}
