import { EmptyHint } from '@agentportal/plugin-agents-react';
import { ButtonLink, Container } from '@backstage/ui';
import { useSegments } from '../layout/useSegments';
import { experimentsRouteRef } from '../routes';
import { ExperimentPage } from './ExperimentPage';
import { ExperimentTable } from './ExperimentTable';
import layout from '../layout/layout.module.css';

/** All experiments that the person may see, and the page of each. */
export function ExperimentsPage() {
  const [experimentId] = useSegments(experimentsRouteRef);
  return experimentId ? (
    <ExperimentPage key={experimentId} id={experimentId} />
  ) : (
    <Container className={layout.page}>
      <ExperimentTable
        empty={
          <EmptyHint
            title="No experiments to see"
            actions={
              <ButtonLink href="/agents" variant="primary">
                Find an agent
              </ButtonLink>
            }
          >
            An experiment gives a changed version of an agent to a share of
            those who ask, and stops by itself when that does harm. It begins on
            the Evaluations tab of the agent.
          </EmptyHint>
        }
      />
    </Container>
  );
}
