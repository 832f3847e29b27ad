import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity, useEntityRefLink } from '@backstage/plugin-catalog-react';
import { ButtonLink } from '@backstage/ui';
import { FilteredRuns } from './FilteredRuns';
import styles from './runs.module.css';

/** The runs of one agent. */
export function AgentRunsTab() {
  const { entity } = useEntity();
  const entityLink = useEntityRefLink();
  return (
    <div className={styles.page}>
      <FilteredRuns
        agentRef={stringifyEntityRef(entity)}
        emptyActions={
          <ButtonLink href={`${entityLink(entity)}/chat`} variant="primary">
            Ask it something
          </ButtonLink>
        }
      />
    </div>
  );
}
