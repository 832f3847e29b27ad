import { Container } from '@backstage/ui';
import { CostView } from './CostView';
import styles from './CostPage.module.css';

/** What the company's agents cost, by owner, system, domain, agent, model and person. */
export function CostPage() {
  return (
    <Container className={styles.page}>
      <CostView
        dimensions={[
          'owner',
          'system',
          'domain',
          'agent',
          'model',
          'user',
          'key',
          'day',
        ]}
        emptyText="As soon as an agent runs, its cost is here, on its owner’s account."
      />
    </Container>
  );
}
