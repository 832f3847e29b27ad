import type { DataSet, DataSetList } from '@agentportal/plugin-evals-common';
import {
  EmptyHint,
  ErrorPanel,
  RelativeTime,
  RowTable,
  RowsSkeleton,
  StatusMark,
  formatCount,
  type Loaded,
} from '@agentportal/plugin-agents-react';
import {
  RouterLink,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { evalsTranslationRef } from '../translation';
import { dataSetRouteRef } from '../routes';
import { showsWords } from './showsWords';
import layout from '../layout/layout.module.css';

/** How many things are odd about a data set. */
function ProblemsMark({ problems }: Pick<DataSet, 'problems'>) {
  const { t } = useTranslationRef(evalsTranslationRef);
  return problems.length === 0 ? (
    <StatusMark status="ok" label={t('dataSetTable.none')} />
  ) : (
    <StatusMark
      status="problems"
      tone="attention"
      label={`${formatCount(problems.length)} to look at`}
    />
  );
}

/** The data sets of an agent. */
export function DataSetTable({ sets }: { sets: Loaded<DataSetList> }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const route = useRouteRef(dataSetRouteRef);
  const { error, reload, value } = sets;
  if (!value) {
    return error ? (
      <ErrorPanel
        title={t('dataSetTable.theDataSetsCouldNot')}
        error={error}
        onRetry={reload}
      />
    ) : (
      <RowsSkeleton rows={2} />
    );
  }
  if (value.items.length === 0) {
    return (
      <EmptyHint title={t('dataSetTable.noDataSetsYet')} compact>
        {t('dataSetTable.aDataSetHoldsQuestions')}
      </EmptyHint>
    );
  }
  return (
    <RowTable
      columns={[
        { label: 'Data set' },
        { label: 'Cases' },
        { label: 'Problems' },
        { label: 'What it can show', isWideOnly: true },
        { label: 'Changed' },
      ]}
    >
      {value.items.map(set => (
        <tr key={set.id}>
          <th scope="row" className={layout.name}>
            <RouterLink href={route?.({ dataSetId: set.id }) ?? ''}>
              {set.title}
            </RouterLink>
            <span className={layout.below}>
              version {set.version},{' '}
              {set.origin === 'file' ? 'in Git' : 'in the portal'}
            </span>
          </th>
          <td className={layout.number}>{formatCount(set.caseCount)}</td>
          <td>
            <ProblemsMark problems={set.problems} />
          </td>
          <td data-wide-only>{showsWords(set)}</td>
          <td className={layout.nowrap}>
            <RelativeTime value={set.updatedAt} />
          </td>
        </tr>
      ))}
    </RowTable>
  );
}
