import { ErrorPanel } from '@agentportal/plugin-agents-react';
import type { ToolSummary } from '@agentportal/plugin-tools-common';
import { ResponseError } from '@backstage/errors';

/** A call without a result: refused, or lost on the way, when nobody knows what the tool did. */
export function FailedCall(props: { tool: ToolSummary; error: Error }) {
  const { tool, error } = props;
  const refused = error instanceof ResponseError && error.statusCode < 500;
  if (refused) {
    return (
      <ErrorPanel
        title="The call was not made"
        error={error}
        safe="Nothing was changed."
      />
    );
  }
  return (
    <ErrorPanel
      title="The call has no answer"
      error={error}
      safe={
        tool.riskTier === 'read'
          ? 'The tool only reads: nothing was changed.'
          : 'The tool may have done it. Look before you call it again.'
      }
    />
  );
}
