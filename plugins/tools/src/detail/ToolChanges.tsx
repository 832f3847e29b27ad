import {
  ChangedWords,
  EntityLink,
  ErrorPanel,
  LinesSkeleton,
  messageOf,
  RelativeTime,
  usePages,
} from '@agentportal/plugin-agents-react';
import type { ToolChange } from '@agentportal/plugin-tools-common';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button, Text, TextField } from '@backstage/ui';
import { useState } from 'react';
import { toolsApiRef } from '../api/toolsApiRef';
import { toolsTranslationRef } from '../translation';
import styles from './ToolChanges.module.css';

const PAGE = 10;

/** What its server changed about a tool, and for the one that is held the decision. */
export function ToolChanges(props: { toolName: string; onDecided(): void }) {
  const { t } = useTranslationRef(toolsTranslationRef);
  const toolsApi = useApi(toolsApiRef);
  const changes = usePages<ToolChange>(props.toolName, (cursor, signal) =>
    toolsApi.listToolChanges(
      { tool: props.toolName, limit: PAGE, ...(cursor && { cursor }) },
      { signal },
    ),
  );
  if (changes.error && changes.items.length === 0) {
    return (
      <ErrorPanel
        title={t('toolChanges.couldNotBeRead')}
        error={changes.error}
        onRetry={changes.reload}
      />
    );
  }
  if (changes.isPending) {
    return <LinesSkeleton lines={4} />;
  }
  if (changes.items.length === 0) {
    return <Text color="secondary">{t('toolChanges.none')}</Text>;
  }
  return (
    <div className={styles.changes}>
      {changes.items.map(change => (
        <Change
          key={change.id}
          change={change}
          onDecided={() => {
            changes.reload();
            props.onDecided();
          }}
        />
      ))}
      {changes.hasMore && (
        <Button
          variant="secondary"
          loading={changes.isLoadingMore}
          onPress={changes.loadMore}
        >
          {t('toolChanges.more')}
        </Button>
      )}
    </div>
  );
}

function Change(props: { change: ToolChange; onDecided(): void }) {
  const { t } = useTranslationRef(toolsTranslationRef);
  const { change } = props;
  const { decided, differences, findings, more } = change;
  const isOpen = change.state === 'held' || change.state === 'blocked';
  const title = t(`toolChanges.${change.severity}`);
  return (
    <section className={styles.change} aria-label={title}>
      <div className={styles.head}>
        <Text as="h3" variant="body-medium" weight="bold">
          {title}
        </Text>
        <Text color="secondary">
          {t(`toolChanges.${change.state}`)}{' '}
          <RelativeTime value={decided?.at ?? change.seenAt} />
        </Text>
      </div>
      {findings.length > 0 && (
        <ul className={styles.findings}>
          {findings.map(finding => (
            <li key={finding}>{finding}</li>
          ))}
        </ul>
      )}
      <dl className={styles.differences}>
        {differences.map(({ after = '', before = '', what }) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              <ChangedWords before={before} after={after} />
            </dd>
          </div>
        ))}
      </dl>
      {more > 0 && (
        <Text color="secondary">
          {t('toolChanges.moreDiffer', { more: String(more) })}
        </Text>
      )}
      {decided && (
        <Text>
          <EntityLink entityRef={decided.by} />: {decided.reason}
        </Text>
      )}
      {isOpen && change.mayDecide && <Decide {...props} />}
      {isOpen && !change.mayDecide && (
        <Text color="secondary">{t('toolChanges.whoDecides')}</Text>
      )}
    </section>
  );
}

function Decide({
  change,
  onDecided,
}: {
  change: ToolChange;
  onDecided(): void;
}) {
  const { t } = useTranslationRef(toolsTranslationRef);
  const toolsApi = useApi(toolsApiRef);
  const [reason, setReason] = useState('');
  const [pending, setPending] = useState<'release' | 'block'>();
  const [error, setError] = useState<string>();
  const decide = async (decision: 'release' | 'block') => {
    setPending(decision);
    setError(undefined);
    try {
      await toolsApi.decideToolChange(change.id, { decision, reason });
      onDecided();
    } catch (failure) {
      setError(messageOf(failure));
    } finally {
      setPending(undefined);
    }
  };
  const isReady = reason.trim().length >= 3 && !pending;
  return (
    <>
      {error && <Alert status="danger" icon title={error} />}
      <div className={styles.decide}>
        <TextField
          className={styles.reason}
          label={t('toolChanges.why')}
          value={reason}
          onChange={setReason}
          maxLength={1000}
        />
        <Button
          variant="primary"
          isDisabled={!isReady}
          loading={pending === 'release'}
          onPress={() => decide('release')}
        >
          {t('toolChanges.release')}
        </Button>
        {change.state === 'held' && (
          <Button
            variant="secondary"
            destructive
            isDisabled={!isReady}
            loading={pending === 'block'}
            onPress={() => decide('block')}
          >
            {t('toolChanges.block')}
          </Button>
        )}
      </div>
    </>
  );
}
