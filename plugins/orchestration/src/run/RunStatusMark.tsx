import type { RunSummary } from '@agentportal/plugin-orchestration-common';
import { StatusMark } from '@agentportal/plugin-agents-react';

/** How a run ended, and that calls were refused in it, which does not end one. */
export function RunStatusMark({
  run,
}: {
  run: Pick<RunSummary, 'status' | 'refusedCalls'>;
}) {
  const { refusedCalls, status } = run;
  return status === 'succeeded' && refusedCalls ? (
    <StatusMark
      status={status}
      tone="attention"
      label={`Succeeded, ${
        refusedCalls === 1 ? 'one call' : `${refusedCalls} calls`
      } refused`}
    />
  ) : (
    <StatusMark status={status} />
  );
}
