import type {
  AgentSettings,
  AgentSettingsView,
} from '@agentportal/plugin-agents-common';
import {
  ErrorPanel,
  LinesSkeleton,
  messageOf,
  RelativeTime,
  usePages,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { useState } from 'react';
import type { ShownAgent } from '../access/StateSection';
import { agentsApiRef } from '../api';
import { Section } from '../overview/Section';
import { agentsTranslationRef } from '../translation';
import { changesOf } from './changesOf';
import styles from './settings.module.css';

/** Commits on a page. */
const PAGE = 10;

/** Who changed the agent, when and why; and the way back. */
export function HistorySection(props: {
  agent: ShownAgent;
  view: AgentSettingsView;
  onRestore(settings: AgentSettings, message: string): void;
}) {
  const { agent, onRestore, view } = props;
  const api = useApi(agentsApiRef);
  const { t } = useTranslationRef(agentsTranslationRef);
  const [said, setSaid] = useState<string>();
  const pages = usePages(
    `revisions ${agent.namespace}/${agent.name} ${view.revision}`,
    (cursor, signal) =>
      api.listRevisions(
        agent.namespace,
        agent.name,
        { limit: PAGE, cursor },
        { signal },
      ),
  );
  const restore = async (revision: string, message: string) => {
    setSaid(undefined);
    try {
      const { settings } = await api.getSettings(agent.namespace, agent.name, {
        revision,
      });
      if (changesOf(view.settings, settings).length === 0) {
        setSaid(t('settings.history.same'));
      } else {
        onRestore(
          settings,
          t('settings.history.restoreMessage', {
            message: message.split('\n')[0],
          }),
        );
      }
    } catch (error) {
      setSaid(messageOf(error));
    }
  };
  return (
    <Section title={t('settings.history.title')}>
      {pages.error && (
        <ErrorPanel
          title={t('settings.history.failure')}
          error={pages.error}
          onRetry={pages.reload}
        />
      )}
      {pages.isPending && <LinesSkeleton lines={4} />}
      <ol className={styles.history}>
        {pages.items.map(({ at, author, message, revision }) => (
          <li key={revision}>
            <span className={styles.message}>{message.split('\n')[0]}</span>
            <span className={styles.quiet}>
              {author}, <RelativeTime value={at} />{' '}
              <code>{revision.slice(0, 7)}</code>
            </span>
            {view.canChange && revision !== view.revision && (
              <Button
                size="small"
                variant="tertiary"
                aria-label={t('settings.history.restoreOf', {
                  message: message.split('\n')[0],
                })}
                onPress={() => restore(revision, message)}
              >
                {t('settings.history.restore')}
              </Button>
            )}
          </li>
        ))}
      </ol>
      {said && <p role="status">{said}</p>}
      {pages.hasMore && (
        <Button
          size="small"
          variant="secondary"
          isPending={pages.isLoadingMore}
          onPress={pages.loadMore}
        >
          {t('settings.history.more')}
        </Button>
      )}
    </Section>
  );
}
