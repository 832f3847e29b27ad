import {
  EntityLink,
  RelativeTime,
  useLoad,
} from '@agentportal/plugin-agents-react';
import type { Run } from '@agentportal/plugin-orchestration-common';
import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { orchestrationApiRef } from '../api';
import { compareRouteRef, runRouteRef } from '../routes';
import { RunStatusMark } from '../run/RunStatusMark';
import { isFinal } from '../run/useRun';
import styles from './repeat.module.css';

const SHOWN = 5;

/** Which run this one repeats, and which runs repeat it, with a way to see what came of the difference. */
export function Lineage({ run }: { run: Run }) {
  const api = useApi(orchestrationApiRef);
  const runRoute = useRouteRef(runRouteRef);
  const compareRoute = useRouteRef(compareRouteRef);
  // Nothing repeats a run that goes on.
  const forks = useLoad(
    isFinal(run) ? `forks of ${run.id}` : undefined,
    signal =>
      api.listRuns(
        {
          forkedFrom: run.id,
          rehearsal: run.rehearsal,
          limit: SHOWN + 1,
        },
        { signal },
      ),
  );
  if (!runRoute || !compareRoute) {
    return null;
  }
  const compare = (left: string, right: string) => (
    <Link href={`${compareRoute()}?left=${left}&right=${right}`}>Compare</Link>
  );
  const { forkedFrom } = run;
  const items = forks.value?.items ?? [];
  return (
    <>
      {forkedFrom && (
        <p className={styles.forks}>
          <span>
            Repeats{' '}
            <Link href={runRoute({ id: forkedFrom.runId })}>
              run {forkedFrom.runId.slice(0, 8)}
            </Link>
            {forkedFrom.step === undefined
              ? ' from the start'
              : ` from step ${forkedFrom.step + 1}`}
            {forkedFrom.model && (
              <>
                , with <EntityLink entityRef={forkedFrom.model} /> for all
                agents that run in the portal
              </>
            )}
          </span>
          {compare(forkedFrom.runId, run.id)}
        </p>
      )}
      {items.slice(0, SHOWN).map(fork => (
        <p className={styles.forks} key={fork.id}>
          <span>
            Repeated by{' '}
            <Link href={runRoute({ id: fork.id })}>
              run {fork.id.slice(0, 8)}
            </Link>{' '}
            <RelativeTime value={fork.createdAt} />
          </span>
          <RunStatusMark run={fork} />
          {compare(run.id, fork.id)}
        </p>
      ))}
      {items.length > SHOWN && (
        <p className={styles.forks}>It was repeated more often than that.</p>
      )}
    </>
  );
}
