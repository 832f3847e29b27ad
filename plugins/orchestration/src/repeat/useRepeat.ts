import { messageOf } from '@agentportal/plugin-agents-react';
import type { CreatedRun } from '@agentportal/plugin-orchestration-common';
import {
  coreApis,
  useApi,
  useAppNavigate,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { useState } from 'react';
import { orchestrationApiRef } from '../api';
import { runRouteRef } from '../routes';
import { orchestrationTranslationRef } from '../translation';

/** Repeats a run as it was and opens the new one; says so when it cannot be repeated. */
export function useRepeat(): {
  repeat: (runId: string, fromStep?: number) => Promise<void>;
  isPending: boolean;
} {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const api = useApi(orchestrationApiRef);
  const toastApi = useApi(coreApis.toast);
  const runRoute = useRouteRef(runRouteRef);
  const navigate = useAppNavigate();
  const [isPending, setPending] = useState(false);
  const repeat = async (runId: string, fromStep?: number) => {
    setPending(true);
    try {
      const { id }: CreatedRun = await api.retryRun(runId, {
        ...(fromStep !== undefined && { fromStep }),
      });
      navigate(runRoute?.({ id }) ?? '');
    } catch (error) {
      toastApi.post({
        title: t('useRepeat.theRunCouldNotBe'),
        description: messageOf(error),
        status: 'danger',
      });
    } finally {
      setPending(false);
    }
  };
  return { repeat, isPending };
}
