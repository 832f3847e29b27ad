import { isAgentEntity } from '@agentportal/plugin-agents-common';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import { TriggersSection } from './TriggersSection';

/** What starts runs of one agent without a person. */
export function SchedulesTab() {
  const { entity } = useEntity();
  return (
    <TriggersSection
      agentRef={stringifyEntityRef(entity)}
      isAtWork={isAgentEntity(entity) && entity.spec.lifecycle === 'production'}
    />
  );
}
