import { JsonView } from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { orchestrationTranslationRef } from '../translation';

/** What a tool gave back, as MCP tells it. */
interface ToolResult {
  content: Array<{ type?: string; text?: string }>;
  structuredContent?: unknown;
}

function isToolResult(output: unknown): output is ToolResult {
  return (
    typeof output === 'object' &&
    output !== null &&
    Array.isArray((output as ToolResult).content)
  );
}

/** The texts of a tool's result; undefined when it holds anything else. */
function textOf(result: ToolResult): string | undefined {
  return result.content.every(part => typeof part?.text === 'string')
    ? result.content.map(part => part.text).join('\n')
    : undefined;
}

/**
 * What came out of a step. Results of tools and agents are shown as their text and their
 * data, not as the envelope round them.
 */
export function ResultView(props: { title: string; output: unknown }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { title, output } = props;
  const { content } = (output ?? {}) as { content?: unknown };
  if (typeof content === 'string' && Object.keys(output!).length === 1) {
    return <JsonView title={title} value={content} />;
  }
  const text = isToolResult(output) ? textOf(output) : undefined;
  if (!isToolResult(output) || text === undefined) {
    return <JsonView title={title} value={output} />;
  }
  return (
    <>
      <JsonView title={title} value={text} />
      {output.structuredContent !== undefined && (
        <JsonView
          title={t('resultView.asData', { title })}
          value={output.structuredContent}
        />
      )}
    </>
  );
}
