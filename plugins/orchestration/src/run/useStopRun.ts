import { useState } from 'react';
import { messageOf } from '@agentportal/plugin-agents-react';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { orchestrationApiRef } from '../api';
import { orchestrationTranslationRef } from '../translation';

/**
 * Stops a run, also one that is only being asked for: its id is waited for. A failure to stop it is
 * told, because the run goes on.
 */
export function useStopRun(): {
  /** Resolves to whether the run ends now. */
  stop: (runId: string | Promise<string | undefined>) => Promise<boolean>;
  isStopping: boolean;
} {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const api = useApi(orchestrationApiRef);
  const toastApi = useApi(coreApis.toast);
  const [isStopping, setIsStopping] = useState(false);
  const stop = async (runId: string | Promise<string | undefined>) => {
    setIsStopping(true);
    try {
      const id = await runId;
      if (id) {
        await api.cancelRun(id);
      }
      return true;
    } catch (error) {
      toastApi.post({
        title: t('useStopRun.theRunCouldNotBe'),
        description: messageOf(error),
        status: 'danger',
      });
      return false;
    } finally {
      setIsStopping(false);
    }
  };
  return { stop, isStopping };
}
