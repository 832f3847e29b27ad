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
import { useApi, useApiHolder } from '@backstage/core-plugin-api';
import { toastApiRef } from '@backstage/frontend-plugin-api';
import { Button, Skeleton, Text } from '@backstage/ui';
import { RiRefreshLine } from '@remixicon/react';
import { useState } from 'react';
import { toolsApiRef } from '../api/toolsApiRef';
import styles from './ServerStrip.module.css';

interface ServerStripProps {
  servers: Loaded<ServerList>;
  selected: string;
  onSelect(serverRef: string): void;
  onRefreshed(): void;
}

/** The servers that tools come from, and whether each of them answers. */
export function ServerStrip(props: ServerStripProps) {
  const { servers, selected, onSelect, onRefreshed } = props;
  const toolsApi = useApi(toolsApiRef);
  const toastApi = useApiHolder().get(toastApiRef);
  const [busy, setBusy] = useState(false);

  const refresh = async () => {
    setBusy(true);
    try {
      const { items } = await toolsApi.refreshServers({});
      const down = items.filter(server => server.status === 'down');
      toastApi?.post({
        title: down.length
          ? `${down.map(server => server.title).join(', ')} did not answer`
          : `All ${items.length} servers answered`,
        status: down.length ? 'warning' : 'success',
        timeout: 5000,
      });
      servers.reload();
      onRefreshed();
    } catch (error) {
      toastApi?.post({
        title: `The servers were not read again: ${(error as Error).message}`,
        status: 'danger',
      });
    } finally {
      setBusy(false);
    }
  };

  if (servers.error && !servers.value) {
    return (
      <ErrorPanel
        title="The servers could not be read"
        error={servers.error}
        onRetry={servers.reload}
      />
    );
  }
  return (
    <div className={styles.strip} role="group" aria-label="Servers">
      {!servers.value &&
        ['1', '2', '3', '4'].map(key => (
          <Skeleton key={key} width={190} height={64} />
        ))}
      {servers.value?.items.map(server => (
        <button
          key={server.ref}
          type="button"
          className={styles.server}
          aria-pressed={server.ref === selected}
          title={server.error}
          onClick={() => onSelect(server.ref === selected ? '' : server.ref)}
        >
          <span className={styles.top}>
            <span className={styles.name}>{server.title}</span>
            <StatusMark status={server.status} />
          </span>
          <Text variant="body-small" color="secondary">
            {sentenceOf(server)}
            {server.lastSeenAt && server.status !== 'up' && (
              <>
                {' · last seen '}
                <RelativeTime value={server.lastSeenAt} />
              </>
            )}
          </Text>
        </button>
      ))}
      {servers.value && servers.value.items.length > 0 && (
        <Button
          variant="tertiary"
          iconStart={<RiRefreshLine />}
          isPending={busy}
          onPress={refresh}
        >
          Read again
        </Button>
      )}
    </div>
  );
}

function sentenceOf(server: ServerSummary) {
  const tools = server.toolCount === 1 ? '1 tool' : `${server.toolCount} tools`;
  return server.era ? `${tools} · MCP ${server.era}` : tools;
}
