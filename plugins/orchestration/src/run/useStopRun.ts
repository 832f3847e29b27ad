import { useState } from 'react';
import { coreApis, useApi } from '@backstage/frontend-plugin-api';
import { toError } from '@backstage/errors';
import { orchestrationApiRef } from '../api';

/** Stops a run; a failure to do so is told, because the run goes on. */
export function useStopRun(): {
  stop: (runId: string) => Promise<void>;
  isStopping: boolean;
} {
  const api = useApi(orchestrationApiRef);
  const toastApi = useApi(coreApis.toast);
  const [isStopping, setIsStopping] = useState(false);
  const stop = async (runId: string) => {
    setIsStopping(true);
    try {
      await api.cancelRun(runId);
    } catch (error) {
      toastApi.post({
        title: 'The run could not be stopped',
        description: toError(error).message,
        status: 'danger',
      });
    } finally {
      setIsStopping(false);
    }
  };
  return { stop, isStopping };
}
