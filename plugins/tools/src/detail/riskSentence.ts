import type { ToolSummary } from '@agentportal/plugin-tools-common';
import type { ToolsTranslation } from '../translation';

/** What a tool may do to the world, in a sentence. */
export function riskSentence(tool: ToolSummary, t: ToolsTranslation): string {
  const sentence = t(`riskSentence.${tool.riskTier}`);
  return tool.riskTier !== 'read' && tool.annotations?.idempotentHint
    ? t('riskSentence.again', { sentence })
    : sentence;
}
