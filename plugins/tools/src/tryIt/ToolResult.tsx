import { CopyButton, formatDuration } from '@agentportal/plugin-agents-react';
import type { ToolCallResult } from '@agentportal/plugin-tools-common';
import { Alert, Text } from '@backstage/ui';
import styles from './TryTool.module.css';

/** What a tool answered: the data if it gave any, else its text. */
export function ToolResult({ result }: { result: ToolCallResult }) {
  const text = result.content
    .map(block => block.text ?? `[${block.type}]`)
    .join('\n\n');
  const data =
    result.structuredContent === undefined
      ? undefined
      : JSON.stringify(result.structuredContent, null, 2);
  const took = `Answered in ${formatDuration(result.durationMs)}`;

  if (result.isError) {
    return (
      <Alert
        status="danger"
        icon
        title="The tool could not do it"
        description={text}
      />
    );
  }
  return (
    <section className={styles.result} aria-label="Result">
      <div className={styles.resultHeader}>
        <Text variant="body-small" color="secondary">
          {took}
        </Text>
        <CopyButton text={data ?? text} what="the result" />
      </div>
      {text && <div className={styles.text}>{text}</div>}
      {data && data !== text.trim() && (
        <details open={!text}>
          <summary>Data</summary>
          <pre className={styles.code}>{data}</pre>
        </details>
      )}
    </section>
  );
}
