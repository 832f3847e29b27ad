import { CopyButton, formatDuration } from '@agentportal/plugin-agents-react';
import type { ToolCallResult } from '@agentportal/plugin-tools-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Text } from '@backstage/ui';
import { toolsTranslationRef } from '../translation';
import styles from './TryTool.module.css';

/** What a tool answered: the data if it gave any, else its text. */
export function ToolResult({ result }: { result: ToolCallResult }) {
  const { t } = useTranslationRef(toolsTranslationRef);
  const text = result.content
    .map(block => block.text ?? `[${block.type}]`)
    .join('\n\n');
  const data =
    result.structuredContent === undefined
      ? undefined
      : JSON.stringify(result.structuredContent, null, 2);
  const took = t('toolResult.answeredIn', {
    durationMs: formatDuration(result.durationMs),
  });

  if (result.isError) {
    return (
      <Alert
        status="danger"
        icon
        title={t('toolResult.theToolCouldNotDo')}
        description={text}
      />
    );
  }
  return (
    <section className={styles.result} aria-label={t('toolResult.result')}>
      <div className={styles.resultHeader}>
        <Text variant="body-small" color="secondary">
          {took}
        </Text>
        <CopyButton text={data ?? text} what={t('toolResult.theResult')} />
      </div>
      {text && <div className={styles.text}>{text}</div>}
      {data && data !== text.trim() && (
        <details open={!text}>
          <summary>{t('toolResult.data')}</summary>
          <pre className={styles.code}>{data}</pre>
        </details>
      )}
    </section>
  );
}
