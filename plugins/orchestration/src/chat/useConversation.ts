import { useCallback, useEffect, useRef, useState } from 'react';
import type { ThreadMessage } from '@agentportal/plugin-orchestration-common';
import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { orchestrationApiRef } from '../api';

/** A question and what came of it. */
export interface Turn {
  /** Stable while the turn lives on the page, also before it has a run. */
  key: string;
  question: string;
  /** Absent until the backend has accepted the question. */
  runId?: string;
  /** The answer, for turns that were over when the page opened. */
  answer?: string;
  /** Why the question could not be sent. */
  error?: Error;
}

/** A conversation with an agent. */
export interface Conversation {
  turns: Turn[];
  isLoading: boolean;
  /** Why the conversation could not be loaded. */
  error?: Error;
  /** Asks; resolves to the id of the run that answers, or to nothing when it could not be sent. */
  send: (message: string) => Promise<string | undefined>;
  /** Keeps the answer of a run that has ended on this page. */
  remember: (runId: string, answer: string) => void;
  reload: () => void;
}

/** Puts questions and answers of the same run together. */
export function turnsOf(messages: readonly ThreadMessage[]): Turn[] {
  const turns = new Map<string, Turn>();
  for (const { role, content, runId } of messages) {
    const turn = turns.get(runId) ?? { key: runId, runId, question: '' };
    turns.set(
      runId,
      role === 'user'
        ? { ...turn, question: content }
        : { ...turn, answer: content },
    );
  }
  return [...turns.values()];
}

/**
 * Loads a conversation and carries it on.
 *
 * @param threadId - the conversation to go on with; a new one without it
 * @param onThread - told the id when the first question begins a conversation
 */
export function useConversation(
  agentRef: string,
  threadId: string | undefined,
  onThread: (threadId: string) => void,
): Conversation {
  const api = useApi(orchestrationApiRef);
  const [turns, setTurns] = useState<Turn[]>([]);
  const [isLoading, setIsLoading] = useState(Boolean(threadId));
  const [error, setError] = useState<Error>();
  const [attempt, setAttempt] = useState(0);
  // The conversation that `turns` belongs to. A conversation that began on this
  // page is not loaded again when its id reaches the URL.
  const current = useRef<string>();
  const latestOnThread = useRef(onThread);
  useEffect(() => {
    latestOnThread.current = onThread;
  });

  useEffect(() => {
    if (current.current === threadId && attempt === 0) {
      return undefined;
    }
    current.current = threadId;
    setTurns([]);
    setError(undefined);
    if (!threadId) {
      setIsLoading(false);
      return undefined;
    }
    const controller = new AbortController();
    setIsLoading(true);
    api.getThread(threadId, { signal: controller.signal }).then(
      thread => {
        if (!controller.signal.aborted) {
          setTurns(turnsOf(thread.messages));
          setIsLoading(false);
        }
      },
      reason => {
        if (!controller.signal.aborted) {
          setError(toError(reason));
          setIsLoading(false);
        }
      },
    );
    return () => controller.abort();
  }, [api, threadId, attempt]);

  const counter = useRef(0);
  const send = useCallback(
    async (message: string) => {
      const key = `new-${counter.current++}`;
      const change = (changes: Partial<Turn>) =>
        setTurns(before =>
          before.map(turn =>
            turn.key === key ? { ...turn, ...changes } : turn,
          ),
        );
      setTurns(before => [
        // A question that never left the page makes room for its retry.
        ...before.filter(turn => !turn.error),
        { key, question: message },
      ]);
      const thread = current.current;
      try {
        const created = await api.createRun({
          agentRef,
          input: { message },
          ...(thread && { threadId: thread }),
        });
        change({ runId: created.id });
        if (current.current === thread && created.threadId !== thread) {
          current.current = created.threadId;
          latestOnThread.current(created.threadId);
        }
        return created.id;
      } catch (reason) {
        change({ error: toError(reason) });
        return undefined;
      }
    },
    [api, agentRef],
  );

  const remember = useCallback((runId: string, answer: string) => {
    setTurns(before =>
      before.map(turn => (turn.runId === runId ? { ...turn, answer } : turn)),
    );
  }, []);

  const reload = useCallback(() => setAttempt(before => before + 1), []);
  return { turns, isLoading, error, send, remember, reload };
}
