import { ErrorPanel } from '@agentportal/plugin-agents-react';
import type { ToolSummary } from '@agentportal/plugin-tools-common';
import { ResponseError } from '@backstage/errors';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { toolsTranslationRef } from '../translation';

/** A call without a result: refused, or lost on the way, when nobody knows what the tool did. */
export function FailedCall(props: { tool: ToolSummary; error: Error }) {
  const { t } = useTranslationRef(toolsTranslationRef);
  const { tool, error } = props;
  const refused = error instanceof ResponseError && error.statusCode < 500;
  if (refused) {
    return (
      <ErrorPanel
        title={t('failedCall.theCallWasNotMade')}
        error={error}
        safe={t('failedCall.nothingWasChanged')}
      />
    );
  }
  return (
    <ErrorPanel
      title={t('failedCall.theCallHasNoAnswer')}
      error={error}
      safe={
        tool.riskTier === 'read'
          ? t('failedCall.theToolOnlyReadsNothing')
          : t('failedCall.theToolMayHaveDone')
      }
    />
  );
}
