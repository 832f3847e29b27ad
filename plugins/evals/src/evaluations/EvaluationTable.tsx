import type { Evaluation } from '@agentportal/plugin-evals-common';
import {
  EntityLink,
  PagedTable,
  RelativeTime,
  formatNanoUsd,
  nameOfRef,
  usePages,
  useTitles,
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
import { IntervalBar } from '../figures/IntervalBar';
import { comparisonRouteRef, evaluationRouteRef } from '../routes';
import {
  EvaluationStatusMark,
  Progress,
  countWords,
  shareWords,
} from './Progress';
import { useLookAgain } from './useEvaluation';
import layout from '../layout/layout.module.css';

const PAGE_SIZE = 25;

/** What a candidate has that the version in force has not; empty for that version itself. */
export function changeWords({ candidate }: Evaluation): string {
  return [
    candidate?.instructions && 'with changed instructions',
    candidate?.model && `with ${nameOfRef(candidate.model)}`,
  ]
    .filter(Boolean)
    .join(' and ');
}

/** What was asked: the version in force, or something else. */
export function subjectWords(evaluation: Evaluation): string {
  const words = changeWords(evaluation);
  return words ? `The agent ${words}` : 'The version in force';
}

function EvaluationRow(props: {
  evaluation: Evaluation;
  agentTitle: string | undefined;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { agentTitle, evaluation } = props;
  const { baselineId, id, label, passRate, status } = evaluation;
  const href = useRouteRef(evaluationRouteRef)?.({ evaluationId: id });
  const comparison = useRouteRef(comparisonRouteRef);
  return (
    <tr>
      <td>
        <EvaluationStatusMark status={status} />
      </td>
      <th scope="row" className={layout.name}>
        <RouterLink href={href ?? ''}>{label}</RouterLink>
        <span className={layout.below}>{subjectWords(evaluation)}</span>
      </th>
      {agentTitle !== undefined && (
        <td>
          <EntityLink
            entityRef={evaluation.agentRef}
            title={agentTitle}
            withAvatar
          />
        </td>
      )}
      <td data-wide-only>
        {evaluation.dataSetTitle ?? evaluation.dataSetId}
        <span className={layout.below}>
          version {evaluation.dataSetVersion}
        </span>
      </td>
      <td>
        {status === 'running' ? (
          <Progress counts={evaluation.counts} />
        ) : (
          <>
            {countWords(evaluation)}
            {passRate && (
              <>
                <IntervalBar
                  label={t('evaluationTable.rightAnswers')}
                  unit="share"
                  {...passRate}
                />
                <span className={`${layout.below} ${layout.nowrap}`}>
                  {shareWords(passRate)}
                </span>
              </>
            )}
          </>
        )}
      </td>
      <td className={layout.number} data-wide-only>
        {evaluation.costNanoUsd === undefined
          ? '–'
          : formatNanoUsd(evaluation.costNanoUsd)}
      </td>
      <td className={layout.nowrap}>
        <RelativeTime value={evaluation.createdAt} />
        {baselineId && (
          <span className={layout.below}>
            <RouterLink
              href={comparison?.({ evaluationId: id, baselineId }) ?? ''}
            >
              {t('evaluationTable.compare')}
            </RouterLink>
          </span>
        )}
      </td>
    </tr>
  );
}

/** Evaluations, the newest first; of one agent or data set where that is given. */
export function EvaluationTable(props: {
  agentRef?: string;
  dataSetId?: string;
  empty: ReactNode;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { agentRef, dataSetId } = props;
  const api = useApi(evalsApiRef);
  const pages = usePages<Evaluation>(
    JSON.stringify([agentRef, dataSetId]),
    (cursor, signal) =>
      api.listEvaluations(
        {
          ...(agentRef && { agentRef }),
          ...(dataSetId && { dataSetId }),
          limit: PAGE_SIZE,
          cursor,
        },
        { signal },
      ),
  );
  const withAgent = !agentRef && !dataSetId;
  const titles = useTitles(
    withAgent ? pages.items.map(each => each.agentRef) : [],
  );
  useLookAgain(
    // What was loaded on demand stays where it is.
    pages.items.length <= PAGE_SIZE &&
      pages.items.some(({ status }) => status === 'running'),
    { isPending: pages.isPending, reload: pages.reload },
  );
  return (
    <PagedTable
      pages={pages}
      isFramed={withAgent}
      expectedRows={withAgent ? 8 : 3}
      isReady={titles !== undefined}
      failure={t('evaluationTable.theEvaluationsCouldNotBe')}
      safe={t('evaluationTable.evaluationsThatAreUnderWay')}
      columns={[
        { label: 'Status' },
        { label: 'Evaluation' },
        ...(withAgent ? [{ label: 'Agent' }] : []),
        { label: 'Data set', isWideOnly: true },
        { label: 'Outcome' },
        { label: 'Cost', isWideOnly: true },
        { label: 'When' },
      ]}
      row={evaluation => (
        <EvaluationRow
          key={evaluation.id}
          evaluation={evaluation}
          agentTitle={
            withAgent
              ? titles!.get(evaluation.agentRef) ??
                nameOfRef(evaluation.agentRef)
              : undefined
          }
        />
      )}
      empty={props.empty}
    />
  );
}
