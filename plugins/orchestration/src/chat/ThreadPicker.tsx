import {
  LinesSkeleton,
  RelativeTime,
  StatusMark,
  useLoad,
  usePages,
} from '@agentportal/plugin-agents-react';
import type { ThreadSummary } from '@agentportal/plugin-orchestration-common';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { RiAddLine } from '@remixicon/react';
import { useEffect } from 'react';
import { orchestrationApiRef } from '../api';
import { orchestrationTranslationRef } from '../translation';
import styles from './chat.module.css';

const LOOK_AGAIN_MS = 15_000;
const LATEST = 20;

/** Those of one's latest conversations with an agent in which it waits for a person, as that changes. */
function useWaiting(agentRef: string): (thread: ThreadSummary) => boolean {
  const api = useApi(orchestrationApiRef);
  const { value, reload } = useLoad(`waiting of ${agentRef}`, signal =>
    api.listThreads({ agentRef, limit: LATEST }, { signal }),
  );
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [reload]);
  const latest = new Map(value?.items.map(each => [each.id, each.isWaiting]));
  return ({ id, isWaiting }) => latest.get(id) ?? isWaiting;
}

/** One's own conversations with an agent, and the way to a new one. */
export function ThreadPicker(props: {
  agentRef: string;
  threadId: string | undefined;
  /** Whether the conversation that is open waits, once that is followed. */
  isWaiting: boolean | undefined;
  onPick: (threadId: string | undefined) => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { agentRef, threadId, onPick } = props;
  const isWaiting = useWaiting(agentRef);
  const api = useApi(orchestrationApiRef);
  // A conversation that just began belongs in the list, hence its id in the key.
  const threads = usePages(`${agentRef} ${threadId ?? ''}`, (cursor, signal) =>
    api.listThreads({ agentRef, limit: LATEST, cursor }, { signal }),
  );
  return (
    <nav
      className={styles.threads}
      aria-label={t('threadPicker.conversations')}
    >
      <Button
        size="small"
        variant="secondary"
        iconStart={<RiAddLine />}
        isDisabled={!threadId}
        onPress={() => onPick(undefined)}
      >
        {t('threadPicker.newConversation')}
      </Button>
      {threads.isPending && <LinesSkeleton lines={4} />}
      {threads.error && (
        <p className={styles.quiet}>
          {t('threadPicker.pastConversationsCouldNotBe')}{' '}
          <Button size="small" variant="tertiary" onPress={threads.reload}>
            {t('threadPicker.tryAgain')}
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
              {((thread.id === threadId ? props.isWaiting : undefined) ??
                isWaiting(thread)) && <StatusMark status="interrupted" />}
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
          {t('threadPicker.older')}
        </Button>
      )}
    </nav>
  );
}
