import {
  ErrorPanel,
  RelativeTime,
  StatusMark,
} from '@agentportal/plugin-agents-react';
import type { Loaded } from '@agentportal/plugin-agents-react';
import type {
  ServerList,
  ServerSummary,
} from '@agentportal/plugin-tools-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Skeleton } from '@backstage/ui';
import { toolsTranslationRef } from '../translation';
import styles from './ServerStrip.module.css';

interface ServerStripProps {
  servers: Loaded<ServerList>;
  selected: string;
  onSelect(serverRef: string): void;
}

/** The servers that tools come from, and whether each of them answers. */
export function ServerStrip(props: ServerStripProps) {
  const { t } = useTranslationRef(toolsTranslationRef);
  const { servers, selected, onSelect } = props;
  if (servers.error && !servers.value) {
    return (
      <ErrorPanel
        title={t('serverStrip.theServersCouldNotBe')}
        error={servers.error}
        onRetry={servers.reload}
      />
    );
  }
  return (
    <div
      className={styles.strip}
      role="group"
      aria-label={t('serverStrip.servers')}
    >
      {!servers.value &&
        ['1', '2', '3', '4'].map(key => (
          <div key={key} className={styles.server} aria-busy="true">
            <Skeleton width="70%" height={16} />
            <Skeleton width="50%" height={12} />
          </div>
        ))}
      {servers.value?.items.map(server => (
        <button
          key={server.ref}
          type="button"
          className={styles.server}
          aria-pressed={server.ref === selected}
          title={server.error ?? titleOf(server)}
          onClick={() => onSelect(server.ref === selected ? '' : server.ref)}
        >
          <span className={styles.name}>{server.title}</span>
          <span className={styles.state}>
            <StatusMark status={server.status} />
            {server.status === 'up' || !server.lastSeenAt ? (
              t('serverStrip.tools', { count: server.toolCount })
            ) : (
              <span>
                {t('serverStrip.seen', {
                  lastSeenAt: <RelativeTime value={server.lastSeenAt} />,
                })}
              </span>
            )}
          </span>
        </button>
      ))}
    </div>
  );
}

function titleOf(server: ServerSummary) {
  return server.era ? `${server.url}, MCP ${server.era}` : server.url;
}
