import { useRouteRefParams } from '@backstage/frontend-plugin-api';
import { Container } from '@backstage/ui';
import { traceRouteRef } from '../routes';
import { TracePage } from '../trace/TracePage';
import { TracesView } from './TracesView';
import styles from './list.module.css';

/** All traces that the person may see, and the page of each. */
export function TracesPage() {
  // The framework gives an empty set of parameters on the list itself.
  const { traceId }: { traceId?: string } = useRouteRefParams(traceRouteRef);
  return traceId ? (
    <TracePage key={traceId} traceId={traceId} />
  ) : (
    <Container className={styles.page}>
      <TracesView first="list" />
    </Container>
  );
}
