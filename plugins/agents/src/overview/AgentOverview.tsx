import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  agentRefsOf,
  isAgentEntity,
  type AgentEntity,
} from '@agentportal/plugin-agents-common';
import {
  AutonomyDots,
  EntityLink,
  LifecycleTag,
  useLevelWords,
} from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import type { EntityContentLayoutProps } from '@backstage/plugin-catalog-react/alpha';
import { agentsTranslationRef } from '../translation';
import { CatalogCards } from './CatalogCards';
import { Facts } from './Facts';
import { HealthSection } from './HealthSection';
import { PublicationSection } from './PublicationSection';
import { RecentRunsSection } from './RecentRunsSection';
import { RelationsSection } from './RelationsSection';
import { RightsSection } from './RightsSection';
import { modelUnnamed } from './rights';
import { Section } from './Section';
import { WaitingSection } from './WaitingSection';
import styles from './overview.module.css';

function AgentFacts({ agent }: { agent: AgentEntity }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const words = useLevelWords();
  const refs = agentRefsOf(agent);
  const { spec } = agent;
  return (
    <Section title={t('agentOverview.facts')}>
      <Facts
        items={[
          [
            t('agentOverview.owner'),
            <EntityLink key="owner" entityRef={refs.owner} />,
          ],
          [
            t('agentOverview.sponsor'),
            refs.sponsor && (
              <EntityLink key="sponsor" entityRef={refs.sponsor} />
            ),
          ],
          [
            t('agentOverview.system'),
            refs.system && <EntityLink key="system" entityRef={refs.system} />,
          ],
          [
            t('agentOverview.autonomy'),
            <span key="autonomy">
              <AutonomyDots level={spec.autonomy} withLabel />
              <br />
              <span className={styles.quiet}>
                {words.describeAutonomy(spec.autonomy)}
              </span>
            </span>,
          ],
          [
            t('agentOverview.model'),
            refs.model ? (
              <EntityLink key="model" entityRef={refs.model} />
            ) : (
              modelUnnamed(agent)
            ),
          ],
          [
            t('agentOverview.lifecycle'),
            <LifecycleTag key="lifecycle" lifecycle={spec.lifecycle} />,
          ],
          [t('agentOverview.data'), spec.dataClassification],
          [t('agentOverview.type'), spec.type],
        ]}
      />
    </Section>
  );
}

/** The overview of an agent: what it may do, who relies on it, how it is doing. */
export function AgentOverview(props: EntityContentLayoutProps) {
  const { entity } = useEntity();
  if (!isAgentEntity(entity)) {
    return <></>;
  }
  const agentRef = stringifyEntityRef(entity);
  return (
    <div className={styles.page}>
      <div className={styles.columns}>
        <div className={styles.column}>
          <RightsSection agent={entity} />
          <RelationsSection entity={entity} />
          <RecentRunsSection agent={entity} />
          <CatalogCards cards={props.cards} />
        </div>
        <div className={styles.column}>
          <PublicationSection agent={entity} />
          <WaitingSection agentRef={agentRef} />
          <HealthSection agentRef={agentRef} />
          <AgentFacts agent={entity} />
        </div>
      </div>
    </div>
  );
}
