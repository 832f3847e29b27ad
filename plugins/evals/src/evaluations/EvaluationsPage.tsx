import { EmptyHint } from '@agentportal/plugin-agents-react';
import { useRouteRefParams } from '@backstage/frontend-plugin-api';
import { ButtonLink, Container } from '@backstage/ui';
import { ComparisonPage } from '../comparison/ComparisonPage';
import { DataSetPage } from '../dataSets/DataSetPage';
import {
  comparisonRouteRef,
  dataSetRouteRef,
  evaluationRouteRef,
} from '../routes';
import { EvaluationPage } from './EvaluationPage';
import { EvaluationTable } from './EvaluationTable';
import layout from '../layout/layout.module.css';

/** All evaluations that the person may see, the page of each, of two of them, and of data sets. */
export function EvaluationsPage() {
  // The framework gives an empty set of parameters where a path is another one, and takes
  // longer paths for shorter ones: the longest first.
  const { dataSetId }: { dataSetId?: string } =
    useRouteRefParams(dataSetRouteRef);
  const { baselineId }: { baselineId?: string } =
    useRouteRefParams(comparisonRouteRef);
  const { evaluationId }: { evaluationId?: string } =
    useRouteRefParams(evaluationRouteRef);
  if (dataSetId) {
    return <DataSetPage key={dataSetId} id={dataSetId} />;
  }
  if (evaluationId && baselineId) {
    return (
      <ComparisonPage
        key={`${evaluationId} ${baselineId}`}
        id={evaluationId}
        baselineId={baselineId}
      />
    );
  }
  if (evaluationId) {
    return <EvaluationPage key={evaluationId} id={evaluationId} />;
  }
  return (
    <Container className={layout.page}>
      <EvaluationTable
        empty={
          <EmptyHint
            title="No evaluations yet"
            actions={
              <ButtonLink href="/agents" variant="primary">
                Find an agent to evaluate
              </ButtonLink>
            }
          >
            An evaluation asks an agent every question of a data set and tells
            which answers were right. It begins on the Evaluations tab of an
            agent.
          </EmptyHint>
        }
      />
    </Container>
  );
}
