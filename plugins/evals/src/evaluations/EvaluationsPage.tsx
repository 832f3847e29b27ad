import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { EmptyHint } from '@agentportal/plugin-agents-react';
import { ButtonLink, Container } from '@backstage/ui';
import { evalsTranslationRef } from '../translation';
import { ComparisonPage } from '../comparison/ComparisonPage';
import { DataSetPage } from '../dataSets/DataSetPage';
import { useSegments } from '../layout/useSegments';
import { evaluationsRouteRef } from '../routes';
import { EvaluationPage } from './EvaluationPage';
import { EvaluationTable } from './EvaluationTable';
import layout from '../layout/layout.module.css';

/** All evaluations that the person may see, the page of each, of two of them, and of data sets. */
export function EvaluationsPage() {
  const { t } = useTranslationRef(evalsTranslationRef);
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
            title={t('evaluationsPage.noEvaluationsToSee')}
            actions={
              <ButtonLink href="/agents" variant="primary">
                {t('evaluationsPage.findAnAgentToEvaluate')}
              </ButtonLink>
            }
          >
            {t('evaluationsPage.anEvaluationAsksAnAgent')}
          </EmptyHint>
        }
      />
    </Container>
  );
}
