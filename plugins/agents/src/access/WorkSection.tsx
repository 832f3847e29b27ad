import type { Delegation } from '@agentportal/plugin-agents-common';
import {
  EmptyHint,
  PagedTable,
  RelativeTime,
  StatusMark,
  usePages,
  TitledLink,
  useTitles,
  type Titles,
} from '@agentportal/plugin-agents-react';
import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { useEffect } from 'react';
import { agentsTranslationRef } from '../translation';
import { agentsApiRef } from '../api';
import { Section } from '../overview/Section';
import { runRouteRef } from '../routes';
import type { ShownAgent } from './StateSection';
import styles from './access.module.css';

const PAGE_SIZE = 25;
const COLUMNS = [
  { label: 'Work' },
  { label: 'For whom' },
  { label: 'Started by', isWideOnly: true },
  { label: 'State' },
  { label: 'Since' },
  { label: 'Ends at the latest', isWideOnly: true },
];
const REFRESH_MS = 3_000;
/** Tasks of programs have no page. */
const PROGRAM = 'program:';

function WorkRow(props: { delegation: Delegation; titles: Titles }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { delegation, titles } = props;
  const { chain, personRef, startedBy, taskId } = delegation;
  const runRoute = useRouteRef(runRouteRef);
  const isProgram = taskId.startsWith(PROGRAM);
  return (
    <tr>
      <th scope="row">
        {isProgram || !runRoute ? (
          'A program'
        ) : (
          <Link href={runRoute({ id: taskId })}>{t('workSection.aRun')}</Link>
        )}
        {chain.length > 1 && (
          <div className={styles.quiet}>
            {chain.map((ref, index) => (
              <span key={`${ref} ${chain.indexOf(ref) === index}`}>
                {index > 0 && ' → '}
                <TitledLink entityRef={ref} titles={titles} />
              </span>
            ))}
          </div>
        )}
      </th>
      <td>
        {personRef ? (
          <TitledLink entityRef={personRef} titles={titles} />
        ) : (
          'Its own name'
        )}
      </td>
      <td data-wide-only>
        <TitledLink entityRef={startedBy} titles={titles} />
      </td>
      <td>
        {delegation.state === 'active' ? (
          <StatusMark status="running" label={t('workSection.underWay')} />
        ) : (
          <span title={delegation.reason}>
            <StatusMark
              status="suspended"
              label={t('workSection.held')}
              tone="attention"
            />
          </span>
        )}
      </td>
      <td>
        <RelativeTime value={delegation.createdAt} />
      </td>
      <td data-wide-only>
        <RelativeTime value={delegation.expiresAt} />
      </td>
    </tr>
  );
}

/** What the agent works on now, for whom and until when; follows what happens. */
export function WorkSection(props: {
  agent: ShownAgent;
  /** Another value makes it look again at once. */
  version: number;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { agent, version } = props;
  const api = useApi(agentsApiRef);
  const work = usePages(
    `work ${agent.namespace}/${agent.name}`,
    (cursor, signal) =>
      api.listDelegations(
        agent.namespace,
        agent.name,
        { limit: PAGE_SIZE, cursor },
        { signal },
      ),
  );
  const { items, reload } = work;
  // Who has paged on is reading: the list stays as it is.
  const follows = items.length <= PAGE_SIZE && !work.isLoadingMore;
  useEffect(() => {
    if (!follows) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [follows, reload]);
  useEffect(() => {
    if (version > 0) reload();
  }, [version, reload]);
  const titles = useTitles(
    items.flatMap(({ chain, personRef, startedBy }) => [
      ...chain,
      personRef,
      startedBy,
    ]),
  );

  return (
    <Section title={t('workSection.workUnderWay')}>
      <PagedTable
        pages={work}
        isReady={Boolean(titles)}
        columns={COLUMNS}
        failure={t('workSection.whatItWorksOnCould')}
        empty={
          <EmptyHint compact title={t('workSection.nothingIsUnderWay')}>
            {t('workSection.aRunOrAProgram')}
          </EmptyHint>
        }
        row={delegation => (
          <WorkRow
            key={delegation.id}
            delegation={delegation}
            titles={titles!}
          />
        )}
      />
    </Section>
  );
}
