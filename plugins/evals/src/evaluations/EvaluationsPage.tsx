import { EmptyHint } from '@agentportal/plugin-agents-react';
import { ButtonLink, Container } from '@backstage/ui';
import { ComparisonPage } from '../comparison/ComparisonPage';
import { DataSetPage } from '../dataSets/DataSetPage';
import { useSegments } from '../layout/useSegments';
import { evaluationsRouteRef } from '../routes';
import { EvaluationPage } from './EvaluationPage';
import { EvaluationTable } from './EvaluationTable';
import layout from '../layout/layout.module.css';

/** All evaluations that the person may see, the page of each, of two of them, and of data sets. */
export function EvaluationsPage() {
  const [first, second, third] = useSegments(evaluationsRouteRef);
  if (first === 'data-sets' && second) {
    return <DataSetPage key={second} id={second} />;
  }
  if (first && second === 'against' && third) {
    return (
      <ComparisonPage key={`${first} ${third}`} id={first} baselineId={third} />
    );
  }
  if (first) {
    return <EvaluationPage key={first} id={first} />;
  }
  return (
    <Container className={layout.page}>
      <EvaluationTable
        empty={
          <EmptyHint
            title="No evaluations to see"
            actions={
              <ButtonLink href="/agents" variant="primary">
                Find an agent to evaluate
              </ButtonLink>
            }
          >
            An evaluation asks an agent every question of a data set and tells
            which answers were right. Those who answer for an agent begin it on
            its Evaluations tab, and see it here.
          </EmptyHint>
        }
      />
    </Container>
  );
}
