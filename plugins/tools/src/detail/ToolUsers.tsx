import {
  EntityLink,
  ErrorPanel,
  LinesSkeleton,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { Text } from '@backstage/ui';
import { toolsTranslationRef } from '../translation';
import styles from './ToolDetail.module.css';

const MOST = 12;

/** The agents that declare a tool, as links. */
export function ToolUsers({ toolRef }: { toolRef: string }) {
  const { t } = useTranslationRef(toolsTranslationRef);
  const catalogApi = useApi(catalogApiRef);
  const agents = useLoad(toolRef, () =>
    catalogApi.queryEntities({
      filter: { kind: 'Agent', 'relations.dependsOn': toolRef },
      fields: ['kind', 'metadata.name', 'metadata.namespace', 'metadata.title'],
      orderFields: [{ field: 'metadata.name', order: 'asc' }],
      limit: MOST,
    }),
  );
  if (agents.error) {
    return (
      <ErrorPanel
        title={t('toolUsers.itsAgentsCouldNotBe')}
        error={agents.error}
        onRetry={agents.reload}
      />
    );
  }
  if (!agents.value) return <LinesSkeleton lines={1} />;
  if (agents.value.items.length === 0) {
    return <Text color="secondary">{t('toolUsers.noneYet')}</Text>;
  }
  const more = agents.value.totalItems - agents.value.items.length;
  return (
    <span className={styles.users}>
      {agents.value.items.map(agent => {
        const ref = stringifyEntityRef(agent);
        return (
          <EntityLink
            key={ref}
            entityRef={ref}
            title={agent.metadata.title}
            withAvatar
          />
        );
      })}
      {more > 0 && (
        <Text color="secondary">
          {t('toolUsers.andMore', { more: String(more) })}
        </Text>
      )}
    </span>
  );
}
