import type { Experiment } from '@agentportal/plugin-evals-common';
import {
  EntityLink,
  PagedTable,
  RelativeTime,
  StatusMark,
  formatCount,
  formatPercent,
  nameOfRef,
  usePages,
  useTitles,
  type StatusTone,
} from '@agentportal/plugin-agents-react';
import {
  RouterLink,
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import type { ReactNode } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { DecisionMark } from '../figures/VerdictLine';
import { experimentRouteRef } from '../routes';
import layout from '../layout/layout.module.css';

const PAGE_SIZE = 25;

const STATUSES: Record<
  Experiment['status'],
  { label: string; tone: StatusTone }
> = {
  running: { label: 'Running', tone: 'busy' },
  stopped: { label: 'Stopped', tone: 'off' },
  'rolled-back': { label: 'Taken back', tone: 'bad' },
  completed: { label: 'Completed', tone: 'good' },
};

/** Where an experiment is, as a word and a shape. */
export function ExperimentStatusMark({ status }: Pick<Experiment, 'status'>) {
  return <StatusMark status={status} {...STATUSES[status]} />;
}

/** Experiments, the newest first; of one agent where that is given. */
export function ExperimentTable(props: {
  agentRef?: string;
  empty: ReactNode;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { agentRef } = props;
  const api = useApi(evalsApiRef);
  const route = useRouteRef(experimentRouteRef);
  const pages = usePages<Experiment>(agentRef ?? 'all', (cursor, signal) =>
    api.listExperiments(
      { ...(agentRef && { agentRef }), limit: PAGE_SIZE, cursor },
      { signal },
    ),
  );
  const titles = useTitles(
    agentRef ? [] : pages.items.map(each => each.agentRef),
  );
  return (
    <PagedTable
      pages={pages}
      isFramed={!agentRef}
      expectedRows={agentRef ? 2 : 6}
      isReady={titles !== undefined}
      failure={t('experimentTable.theExperimentsCouldNotBe')}
      safe={t('experimentTable.thoseThatRunGoOn')}
      columns={[
        { label: 'Status' },
        { label: 'Experiment' },
        ...(agentRef ? [] : [{ label: 'Agent' }]),
        { label: 'Verdict' },
        { label: 'Share' },
        { label: 'Runs', isWideOnly: true },
        { label: 'Begun' },
      ]}
      row={experiment => (
        <tr key={experiment.id}>
          <td>
            <ExperimentStatusMark status={experiment.status} />
          </td>
          <th scope="row" className={layout.name}>
            <RouterLink href={route?.({ experimentId: experiment.id }) ?? ''}>
              {experiment.title}
            </RouterLink>
          </th>
          {!agentRef && (
            <td>
              <EntityLink
                entityRef={experiment.agentRef}
                title={
                  titles?.get(experiment.agentRef) ??
                  nameOfRef(experiment.agentRef)
                }
                withAvatar
              />
            </td>
          )}
          <td>
            <DecisionMark verdict={experiment.verdict} />
          </td>
          <td className={layout.number}>{formatPercent(experiment.share)}</td>
          <td className={layout.number} data-wide-only>
            {formatCount(
              experiment.arms.reduce((sum, { runs }) => sum + runs, 0),
            )}
          </td>
          <td className={layout.nowrap}>
            <RelativeTime value={experiment.startedAt} />
          </td>
        </tr>
      )}
      empty={props.empty}
    />
  );
}
