import { ButtonLink, Container } from '@backstage/ui';
import { Route, Routes } from 'react-router-dom';
import { RunPage } from '../run/RunPage';
import { FilteredRuns } from './FilteredRuns';
import styles from './runs.module.css';

/** All runs that the person may see, and the page of each. */
export function RunsPage() {
  return (
    <Routes>
      <Route
        path="/"
        element={
          <Container className={styles.page}>
            <FilteredRuns
              emptyActions={
                <ButtonLink href="/agents" variant="primary">
                  Find an agent to ask
                </ButtonLink>
              }
            />
          </Container>
        }
      />
      <Route path="/:id" element={<RunPage />} />
    </Routes>
  );
}
