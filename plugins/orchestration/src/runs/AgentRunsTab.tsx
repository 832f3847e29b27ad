import { isAgentEntity } from '@agentportal/plugin-agents-common';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity, useEntityRefLink } from '@backstage/plugin-catalog-react';
import { ButtonLink } from '@backstage/ui';
import { TriggersSection } from '../triggers/TriggersSection';
import { FilteredRuns } from './FilteredRuns';
import styles from './runs.module.css';

/** The runs of one agent, and what starts them by itself. */
export function AgentRunsTab() {
  const { entity } = useEntity();
  const entityLink = useEntityRefLink();
  const agentRef = stringifyEntityRef(entity);
  const triggers = isAgentEntity(entity) ? entity.spec.triggers ?? [] : [];
  return (
    <div className={styles.page}>
      {triggers.length > 0 && (
        <TriggersSection
          agentRef={agentRef}
          isAtWork={entity.spec?.lifecycle === 'production'}
        />
      )}
      <FilteredRuns
        agentRef={agentRef}
        emptyActions={
          <ButtonLink href={`${entityLink(entity)}/chat`} variant="primary">
            Ask it something
          </ButtonLink>
        }
      />
    </div>
  );
}
