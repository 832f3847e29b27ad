import type { AgentFacetsQuery } from '@agentportal/plugin-agents-common';
import {
  EmptyHint,
  EntityLink,
  ErrorPanel,
  LinesSkeleton,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { agentsTranslationRef } from '../translation';
import { agentsApiRef } from '../api';
import { rootRouteRef } from '../routes';
import { Section } from './Section';
import styles from './overview.module.css';

const SHOWN = 24;

/** The agents that use a tool or a model. */
export function UsersSection(props: {
  filter: Pick<AgentFacetsQuery, 'tool' | 'model'>;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { filter } = props;
  const api = useApi(agentsApiRef);
  const agentsRoute = useRouteRef(rootRouteRef);
  const agents = useLoad(JSON.stringify(filter), signal =>
    api.listAgents({ ...filter, limit: SHOWN }, { signal }),
  );
  const search = new URLSearchParams(
    Object.entries(filter).flatMap(([key, values]) =>
      values.map(value => [key, value]),
    ),
  );

  let content = <LinesSkeleton lines={3} />;
  if (agents.error && !agents.value) {
    content = (
      <ErrorPanel
        title={t('usersSection.theAgentsCouldNotBe')}
        error={agents.error}
        onRetry={agents.reload}
      />
    );
  } else if (agents.value?.items.length === 0) {
    content = (
      <EmptyHint compact title={t('usersSection.noAgentUsesIt')}>
        {t('usersSection.anAgentUsesItOnce')}
      </EmptyHint>
    );
  } else if (agents.value) {
    content = (
      <div className={styles.agents}>
        {agents.value.items.map(agent => (
          <EntityLink
            key={agent.ref}
            entityRef={agent.ref}
            title={agent.title}
            withAvatar
          />
        ))}
      </div>
    );
  }
  const total = agents.value?.totalItems ?? 0;
  return (
    <Section
      title={t('usersSection.whoUsesIt')}
      action={
        agentsRoute &&
        total > SHOWN && (
          <Link href={`${agentsRoute()}?${search}`}>
            {t('usersSection.all', { count: total })}
          </Link>
        )
      }
    >
      {content}
    </Section>
  );
}
