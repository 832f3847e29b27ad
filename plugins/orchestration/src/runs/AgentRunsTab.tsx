import {
  isAgentEntity,
  isStartedByPeople,
} from '@agentportal/plugin-agents-common';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity, useEntityRefLink } from '@backstage/plugin-catalog-react';
import { ButtonLink } from '@backstage/ui';
import { FilteredRuns } from './FilteredRuns';
import styles from './runs.module.css';

/** The runs of one agent. */
export function AgentRunsTab() {
  const { entity } = useEntity();
  const entityLink = useEntityRefLink();
  const asks = !isAgentEntity(entity) || isStartedByPeople(entity);
  return (
    <div className={styles.page}>
      <FilteredRuns
        agentRef={stringifyEntityRef(entity)}
        emptyActions={
          <ButtonLink
            href={`${entityLink(entity)}/${asks ? 'chat' : 'schedules'}`}
            variant="primary"
          >
            {asks ? 'Ask it something' : 'See what starts it'}
          </ButtonLink>
        }
      />
    </div>
  );
}
