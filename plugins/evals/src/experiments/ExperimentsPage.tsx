import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { EmptyHint } from '@agentportal/plugin-agents-react';
import { ButtonLink, Container } from '@backstage/ui';
import { evalsTranslationRef } from '../translation';
import { useSegments } from '../layout/useSegments';
import { experimentsRouteRef } from '../routes';
import { ExperimentPage } from './ExperimentPage';
import { ExperimentTable } from './ExperimentTable';
import layout from '../layout/layout.module.css';

/** All experiments that the person may see, and the page of each. */
export function ExperimentsPage() {
  const { t } = useTranslationRef(evalsTranslationRef);
  const [experimentId] = useSegments(experimentsRouteRef);
  return experimentId ? (
    <ExperimentPage key={experimentId} id={experimentId} />
  ) : (
    <Container className={layout.page}>
      <ExperimentTable
        empty={
          <EmptyHint
            title={t('experimentsPage.noExperimentsToSee')}
            actions={
              <ButtonLink href="/agents" variant="primary">
                {t('experimentsPage.findAnAgent')}
              </ButtonLink>
            }
          >
            {t('experimentsPage.anExperimentGivesAChanged')}
          </EmptyHint>
        }
      />
    </Container>
  );
}
