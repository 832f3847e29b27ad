import type { RunSummary } from '@agentportal/plugin-orchestration-common';
import { StatusMark } from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { orchestrationTranslationRef } from '../translation';

/** How a run ended, and that calls were refused in it, which does not end one. */
export function RunStatusMark({
  run,
}: {
  run: Pick<RunSummary, 'status' | 'refusedCalls'>;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { refusedCalls, status } = run;
  return status === 'succeeded' && refusedCalls ? (
    <StatusMark
      status={status}
      tone="attention"
      label={t('runStatus.refused', { count: refusedCalls })}
    />
  ) : (
    <StatusMark status={status} />
  );
}
