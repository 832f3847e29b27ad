import {
  EntityLink,
  RelativeTime,
  useLoad,
} from '@agentportal/plugin-agents-react';
import type { Run } from '@agentportal/plugin-orchestration-common';
import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { orchestrationApiRef } from '../api';
import { compareRouteRef, runRouteRef } from '../routes';
import { RunStatusMark } from '../run/RunStatusMark';
import { isFinal } from '../run/useRun';
import { orchestrationTranslationRef } from '../translation';
import styles from './repeat.module.css';

const SHOWN = 5;

/** Which run this one repeats, and which runs repeat it, with a way to see what came of the difference. */
export function Lineage({ run }: { run: Run }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
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
    <Link href={`${compareRoute()}?left=${left}&right=${right}`}>
      {t('lineage.compare')}
    </Link>
  );
  const { forkedFrom } = run;
  const items = forks.value?.items ?? [];
  return (
    <>
      {forkedFrom && (
        <p className={styles.forks}>
          <span>
            {t('lineage.repeats', {
              link: (
                <Link href={runRoute({ id: forkedFrom.runId })}>
                  {t('lineage.run', { value: forkedFrom.runId.slice(0, 8) })}
                </Link>
              ),
              where:
                forkedFrom.step === undefined
                  ? t('lineage.fromTheStart')
                  : t('lineage.fromStep', {
                      value: String(forkedFrom.step + 1),
                    }),
            })}
            {forkedFrom.model &&
              t('lineage.withForAllAgentsThat', {
                model: <EntityLink entityRef={forkedFrom.model} />,
              })}
          </span>
          {compare(forkedFrom.runId, run.id)}
        </p>
      )}
      {items.slice(0, SHOWN).map(fork => (
        <p className={styles.forks} key={fork.id}>
          <span>
            {t('lineage.repeatedBy', {
              link: (
                <Link href={runRoute({ id: fork.id })}>
                  {t('lineage.run', { value: fork.id.slice(0, 8) })}
                </Link>
              ),
              createdAt: <RelativeTime value={fork.createdAt} />,
            })}
          </span>
          <RunStatusMark run={fork} />
          {compare(run.id, fork.id)}
        </p>
      ))}
      {items.length > SHOWN && (
        <p className={styles.forks}>{t('lineage.itWasRepeatedMoreOften')}</p>
      )}
    </>
  );
}
