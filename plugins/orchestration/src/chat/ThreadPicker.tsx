import {
  LinesSkeleton,
  RelativeTime,
  usePages,
} from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { RiAddLine } from '@remixicon/react';
import { orchestrationApiRef } from '../api';
import styles from './chat.module.css';

/** One's own conversations with an agent, and the way to a new one. */
export function ThreadPicker(props: {
  agentRef: string;
  threadId: string | undefined;
  onPick: (threadId: string | undefined) => void;
}) {
  const { agentRef, threadId, onPick } = props;
  const api = useApi(orchestrationApiRef);
  // A conversation that just began belongs in the list, hence its id in the key.
  const threads = usePages(`${agentRef} ${threadId ?? ''}`, (cursor, signal) =>
    api.listThreads({ agentRef, limit: 20, cursor }, { signal }),
  );
  return (
    <nav className={styles.threads} aria-label="Conversations">
      <Button
        size="small"
        variant="secondary"
        iconStart={<RiAddLine />}
        isDisabled={!threadId}
        onPress={() => onPick(undefined)}
      >
        New conversation
      </Button>
      {threads.isPending && <LinesSkeleton lines={4} />}
      {threads.error && (
        <p className={styles.quiet}>
          Past conversations could not be loaded.{' '}
          <Button size="small" variant="tertiary" onPress={threads.reload}>
            Try again
          </Button>
        </p>
      )}
      <ul className={styles.threadList}>
        {threads.items.map(thread => (
          <li key={thread.id}>
            <button
              type="button"
              className={styles.thread}
              aria-current={thread.id === threadId ? 'true' : undefined}
              onClick={() => onPick(thread.id)}
            >
              <span className={styles.threadTitle}>{thread.title}</span>
              <span className={styles.quiet}>
                <RelativeTime value={thread.updatedAt} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      {threads.hasMore && (
        <Button
          size="small"
          variant="tertiary"
          isPending={threads.isLoadingMore}
          onPress={threads.loadMore}
        >
          Older
        </Button>
      )}
    </nav>
  );
}
