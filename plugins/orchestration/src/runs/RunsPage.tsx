import {
  useRouteRefParams,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { ButtonLink, Container } from '@backstage/ui';
import { ComparePage } from '../compare/ComparePage';
import { runRouteRef } from '../routes';
import { RunPage } from '../run/RunPage';
import { orchestrationTranslationRef } from '../translation';
import { FilteredRuns } from './FilteredRuns';
import styles from './runs.module.css';

/** All runs that the person may see, and the page of each. */
export function RunsPage() {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  // The framework gives an empty set of parameters on the list itself.
  const { id }: { id?: string } = useRouteRefParams(runRouteRef);
  if (id === 'compare') {
    return <ComparePage />;
  }
  if (id) {
    return <RunPage key={id} id={id} />;
  }
  return (
    <Container className={styles.page}>
      <FilteredRuns
        emptyActions={
          <ButtonLink href="/agents" variant="primary">
            {t('runsPage.findAnAgentToAsk')}
          </ButtonLink>
        }
      />
    </Container>
  );
}
