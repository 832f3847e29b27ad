import {
  agentRefsOf,
  isToolEntity,
  type AgentEntity,
} from '@agentportal/plugin-agents-common';
import {
  EntityLink,
  ErrorPanel,
  LinesSkeleton,
  RiskBadge,
  nameOfRef,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { agentsTranslationRef } from '../translation';
import { Section } from './Section';
import { describeRights, groupTools, type KnownTool } from './rights';
import styles from './overview.module.css';

/** What the agent may do: sentences first, the tools by risk below. */
export function RightsSection(props: { agent: AgentEntity }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { agent } = props;
  const catalogApi = useApi(catalogApiRef);
  const refs = agentRefsOf(agent);
  const tools = useLoad<KnownTool[]>(refs.tools.join(' '), async () => {
    if (refs.tools.length === 0) {
      return [];
    }
    const { items } = await catalogApi.getEntitiesByRefs({
      entityRefs: refs.tools,
    });
    return refs.tools.map((ref, index) => {
      const entity = items[index];
      return {
        ref,
        entity: entity && isToolEntity(entity) ? entity : undefined,
      };
    });
  });

  if (tools.error && !tools.value) {
    return (
      <Section title={t('rightsSection.whatItMayDo')}>
        <ErrorPanel
          title={t('rightsSection.theToolsCouldNotBe')}
          error={tools.error}
          onRetry={tools.reload}
        />
      </Section>
    );
  }
  if (!tools.value) {
    return (
      <Section title={t('rightsSection.whatItMayDo')}>
        <LinesSkeleton lines={6} />
      </Section>
    );
  }
  return (
    <Section title={t('rightsSection.whatItMayDo')}>
      <p className={styles.lead}>
        {describeRights(agent, tools.value).join(' ')}
        {refs.handoffs.length > 0 && (
          <>
            {' May hand work to '}
            {refs.handoffs.map((ref, index) => (
              <span key={ref}>
                {index > 0 && ', '}
                <EntityLink entityRef={ref} withAvatar />
              </span>
            ))}
            .
          </>
        )}
      </p>
      {groupTools(agent.spec.autonomy, tools.value).map(group => (
        <div key={group.tier} className={styles.tier}>
          <div className={styles.tierHead}>
            {group.tier !== 'unknown' && <RiskBadge tier={group.tier} />}
            <span className={styles.quiet}>{group.sentence}</span>
          </div>
          <ul className={styles.list}>
            {group.tools.map(({ ref, entity }) => (
              <li key={ref} className={styles.tool}>
                <EntityLink
                  entityRef={ref}
                  title={entity?.metadata.title ?? nameOfRef(ref)}
                />
                <span
                  className={styles.toolText}
                  title={entity?.metadata.description}
                >
                  {entity?.metadata.description}
                </span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </Section>
  );
}
