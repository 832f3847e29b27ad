import {
  isAgentEntity,
  isStartedByPeople,
} from '@agentportal/plugin-agents-common';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { useEntity, useEntityRefLink } from '@backstage/plugin-catalog-react';
import { ButtonLink } from '@backstage/ui';
import { orchestrationTranslationRef } from '../translation';
import { FilteredRuns } from './FilteredRuns';
import styles from './runs.module.css';

/** The runs of one agent. */
export function AgentRunsTab() {
  const { t } = useTranslationRef(orchestrationTranslationRef);
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
            {asks
              ? t('agentRunsTab.askItSomething')
              : t('agentRunsTab.seeWhatStartsIt')}
          </ButtonLink>
        }
      />
    </div>
  );
}
