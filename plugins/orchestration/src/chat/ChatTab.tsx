import { useEffect, useRef, useState } from 'react';
import {
  agentRefsOf,
  isAgentEntity,
  type AgentEntity,
  type AgentSummary,
} from '@agentportal/plugin-agents-common';
import {
  ErrorPanel,
  LinesSkeleton,
  RefusedHint,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import { runCreatePermission } from '@agentportal/plugin-orchestration-common';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import { usePermission } from '@backstage/plugin-permission-react';
import { Box, Button, Skeleton, VisuallyHidden } from '@backstage/ui';
import { useRun } from '../run/useRun';
import { useStopRun } from '../run/useStopRun';
import {
  type OrchestrationTranslation,
  orchestrationTranslationRef,
} from '../translation';
import { Composer, type ComposerHandle } from './Composer';
import { EmptyChat } from './EmptyChat';
import { Rail } from './Rail';
import { ThreadPicker } from './ThreadPicker';
import { TurnView } from './TurnView';
import { useRoomBelow } from './useRoomBelow';
import { useConversation } from './useConversation';
import { useStanding } from './useStanding';
import { useStickToEnd } from './useStickToEnd';
import styles from './chat.module.css';

const CHAT_STATE = { thread: '' } as const;

/** Why the agent takes no questions of this person; nothing when it does. */
function whyNot(
  standing: AgentSummary['standing'] | undefined,
  isAllowed: boolean,
  t: OrchestrationTranslation,
): string | undefined {
  if (standing && !standing.allowed) {
    return standing.reason ?? t('chatTab.mayNotAct');
  }
  return isAllowed ? undefined : t('chatTab.mayNotStart');
}

function Chat({ agent }: { agent: AgentEntity }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const agentRef = stringifyEntityRef(agent);
  const agentTitle = agent.metadata.title ?? agent.metadata.name;
  const [state, update] = useUrlState(CHAT_STATE);
  const threadId = state.thread || undefined;
  const conversation = useConversation(agentRef, threadId, thread =>
    update({ thread }, { replace: true }),
  );
  const { turns } = conversation;
  const { stop } = useStopRun();
  const permission = usePermission({
    permission: runCreatePermission,
    resourceRef: agentRef,
  });
  const { owner } = agentRefsOf(agent);
  const { standing, isPending } = useStanding(agentRef);
  // Nothing is offered that is taken back a moment later.
  const isUnknown = isPending || permission.loading;
  const refusal = isUnknown
    ? undefined
    : whyNot(standing, permission.allowed || Boolean(permission.error), t);

  const last = turns.at(-1);
  const [chosenRunId, setChosenRunId] = useState<string>();
  const chosen = turns.find(turn => turn.runId && turn.runId === chosenRunId);
  const lastRun = useRun(last?.runId);
  const chosenRun = useRun(
    chosen && chosen.runId !== last?.runId ? chosen.runId : undefined,
  );
  const railRun = chosen && chosen.runId !== last?.runId ? chosenRun : lastRun;
  const isBusy = Boolean(
    last && !last.error && (!last.runId || lastRun.isLive),
  );

  const { remember } = conversation;
  const ended = lastRun.run;
  useEffect(() => {
    if (ended?.output) {
      remember(ended.id, ended.output.message);
    }
  }, [ended, remember]);

  const layout = useRoomBelow<HTMLDivElement>();
  const composer = useRef<ComposerHandle>(null);
  useEffect(() => composer.current?.focus(), [threadId, isUnknown]);
  const scroller = useStickToEnd(
    `${turns.length} ${lastRun.text.length} ${lastRun.run?.steps.length} ${lastRun.isLive}`,
  );

  const sent = useRef<Promise<string | undefined>>();
  const ask = (message: string) => {
    setChosenRunId(undefined);
    sent.current = conversation.send(message);
  };

  const [stoppedKey, setStoppedKey] = useState<string>();
  const isStopping = isBusy && last?.key === stoppedKey;
  const stopLast = async () => {
    const runId = last?.runId ?? sent.current;
    if (last && runId) {
      setStoppedKey(last.key);
      if (!(await stop(runId))) {
        setStoppedKey(undefined);
      }
    }
  };
  return (
    <div className={styles.page}>
      <div className={styles.layout} ref={layout}>
        <ThreadPicker
          agentRef={agentRef}
          threadId={threadId}
          isWaiting={lastRun.run && lastRun.run.status === 'interrupted'}
          onPick={thread => {
            setChosenRunId(undefined);
            update({ thread: thread ?? '' });
          }}
        />
        <Box bg="neutral" className={styles.middle}>
          <div className={styles.scroller} ref={scroller}>
            {(conversation.isLoading || (isUnknown && turns.length === 0)) && (
              <LinesSkeleton lines={6} />
            )}
            {conversation.error && (
              <ErrorPanel
                title={t('chatTab.theConversationCouldNotBe')}
                error={conversation.error}
                safe={t('chatTab.itIsKeptNothingWas')}
                onRetry={conversation.reload}
                actions={
                  <Button
                    size="small"
                    variant="secondary"
                    onPress={() => update({ thread: '' })}
                  >
                    {t('chatTab.beginANewConversation')}
                  </Button>
                }
              />
            )}
            {!conversation.isLoading &&
              !isUnknown &&
              !conversation.error &&
              turns.length === 0 && (
                <EmptyChat
                  agent={agent}
                  onTake={
                    refusal
                      ? undefined
                      : question => composer.current?.fill(question)
                  }
                />
              )}
            {turns.map(turn => {
              const isLast = turn === last;
              const isChosen = turn === (chosen ?? last);
              let followed;
              if (isLast && turn.runId) {
                followed = lastRun;
              } else if (isChosen) {
                followed = chosenRun;
              }
              return (
                <TurnView
                  key={turn.key}
                  turn={turn}
                  agentRef={agentRef}
                  agentTitle={agentTitle}
                  contactRef={owner}
                  followed={followed}
                  isChosen={isChosen && turns.length > 1}
                  isLast={isLast}
                  isStopping={isLast && isStopping}
                  onChoose={() => setChosenRunId(turn.runId)}
                  onRetry={refusal ? undefined : () => ask(turn.question)}
                />
              );
            })}
          </div>
          <VisuallyHidden aria-live="polite">
            {isBusy &&
              (lastRun.run?.waitingFor?.length
                ? t('chatTab.waitsForAPerson', {
                    agentTitle,
                    title: lastRun.run.waitingFor[0].title,
                  })
                : t('chatTab.isWorking', { agentTitle }))}
            {!isBusy &&
              lastRun.run?.output &&
              t('chatTab.answered', {
                agentTitle,
                message: lastRun.run.output.message,
              })}
          </VisuallyHidden>
          {isUnknown && !isBusy && (
            <div className={styles.composer}>
              <Skeleton width="100%" height={36} />
            </div>
          )}
          {refusal && !isBusy && (
            <div className={styles.closed}>
              <RefusedHint
                refusal={{ kind: 'notAllowed', message: refusal }}
                contactRef={owner}
              />
            </div>
          )}
          {((!isUnknown && !refusal) || isBusy) && (
            <Composer
              ref={composer}
              agentTitle={agentTitle}
              isBusy={isBusy}
              isStopping={isStopping}
              onSend={ask}
              onStop={stopLast}
            />
          )}
        </Box>
        <Rail
          key={chosenRunId ?? last?.key}
          followed={railRun}
          hasTurn={turns.length > 0}
        />
      </div>
    </div>
  );
}

/** Talk to an agent, and watch what it does. */
export function ChatTab() {
  const { entity } = useEntity();
  return isAgentEntity(entity) ? (
    <Chat key={stringifyEntityRef(entity)} agent={entity} />
  ) : null;
}
