import type { ToolSummary } from '@agentportal/plugin-tools-common';

const SENTENCES: Record<ToolSummary['riskTier'], string> = {
  read: 'Only reads. Nothing is changed.',
  write: 'Changes data of the company, in a way that can be undone.',
  external: 'Reaches people or systems outside of the company.',
  critical:
    'Destroys or spends something, or does not say what it does. An agent needs an approval for each call.',
  forbidden: 'May not be called by anyone.',
};

/** What a tool may do to the world, in a sentence. */
export function riskSentence(tool: ToolSummary): string {
  const again =
    tool.riskTier !== 'read' && tool.annotations?.idempotentHint
      ? ' Calling it twice does no more than calling it once.'
      : '';
  return SENTENCES[tool.riskTier] + again;
}
