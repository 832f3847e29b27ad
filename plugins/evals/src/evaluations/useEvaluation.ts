import { useLoad, type Loaded } from '@agentportal/plugin-agents-react';
import type { Evaluation } from '@agentportal/plugin-evals-common';
import { useApi } from '@backstage/frontend-plugin-api';
import { useEffect } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';

const LOOK_AGAIN_MS = 3_000;

/** Asks again while something goes on. */
export function useLookAgain(
  isUnderWay: boolean | undefined,
  { isPending, reload }: { isPending: boolean; reload: () => void },
): void {
  const isWaiting = isUnderWay && !isPending;
  useEffect(() => {
    const timer = isWaiting ? setTimeout(reload, LOOK_AGAIN_MS) : undefined;
    return () => clearTimeout(timer);
  }, [isWaiting, reload]);
}

/** An evaluation, which is looked at again until it has ended. */
export function useEvaluation(id: string): Loaded<Evaluation> {
  const api = useApi(evalsApiRef);
  const loaded = useLoad(id, signal => api.getEvaluation(id, { signal }));
  useLookAgain(loaded.value?.status === 'running', loaded);
  return loaded;
}
