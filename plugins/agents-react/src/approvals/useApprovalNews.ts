import {
  CHANNEL_APPROVALS,
  type Approval,
} from '@agentportal/plugin-agents-common';
import { useApiHolder } from '@backstage/frontend-plugin-api';
import { signalApiRef } from '@backstage/plugin-signals-react';
import { useEffect, useRef } from 'react';
import { useLoad, type Loaded } from '../loading';
import { approvalsApiRef } from './approvalsApiRef';

/** Signals are a hint and may be lost, or not installed. */
const LOOK_AGAIN_MS = 15_000;

/**
 * Calls when requests may have changed: at once where the portal has signals, and every 15 seconds besides.
 *
 * @public
 */
export function useApprovalNews(onNews: () => void): void {
  const signals = useApiHolder().get(signalApiRef);
  const latest = useRef(onNews);
  useEffect(() => {
    latest.current = onNews;
  });
  useEffect(() => {
    const tell = () => latest.current();
    const subscriber = signals?.subscribe(CHANNEL_APPROVALS, tell);
    const timer = setInterval(() => {
      if (document.visibilityState !== 'hidden') tell();
    }, LOOK_AGAIN_MS);
    return () => {
      subscriber?.unsubscribe();
      clearInterval(timer);
    };
  }, [signals]);
}

/**
 * One request, as it changes.
 *
 * @param id - nothing is loaded while it is undefined
 * @public
 */
export function useApproval(id: string | undefined): Loaded<Approval> {
  // A run also says what it waits for where there is nobody to ask about it.
  const api = useApiHolder().get(approvalsApiRef);
  const loaded = useLoad(api && id && `approval ${id}`, signal =>
    api!.getApproval(id!, { signal }),
  );
  useApprovalNews(loaded.reload);
  return loaded;
}
