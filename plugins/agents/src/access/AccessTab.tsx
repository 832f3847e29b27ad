import {
  agentRefsOf,
  agentsAccessReadPermission,
  isAgentEntity,
  type AgentEntity,
} from '@agentportal/plugin-agents-common';
import {
  EntityLink,
  ErrorPanel,
  LinesSkeleton,
  refusalOf,
  useLoad,
  useTitles,
} from '@agentportal/plugin-agents-react';
import {
  ANNOTATION_VIEW_URL,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import { usePermission } from '@backstage/plugin-permission-react';
import { RiLockLine } from '@remixicon/react';
import { useState } from 'react';
import { agentsTranslationRef } from '../translation';
import { agentsApiRef } from '../api';
import { Section } from '../overview/Section';
import { ControlsSection } from './ControlsSection';
import { CredentialsSection } from './CredentialsSection';
import { GrantsSection } from './GrantsSection';
import { StateSection } from './StateSection';
import { Statements } from './Statements';
import { WhatIf } from './WhatIf';
import { WorkSection } from './WorkSection';
import styles from './access.module.css';

function Pending() {
  const { t } = useTranslationRef(agentsTranslationRef);
  return (
    <div className={styles.page}>
      <Section title={t('accessPage.state')}>
        <LinesSkeleton lines={2} />
      </Section>
      <div className={styles.columns}>
        <Section title={t('accessPage.whatItMayDo')}>
          <LinesSkeleton lines={14} />
        </Section>
        <Section title={t('accessPage.couldIt')}>
          <LinesSkeleton lines={8} />
        </Section>
      </div>
    </div>
  );
}

function NotForYou({ entity }: { entity: AgentEntity }) {
  const { name, title = name } = entity.metadata;
  return (
    <p className={styles.refused} role="note">
      <RiLockLine size={18} aria-hidden />
      <span>
        What {title} may do is for those who own it to see. Ask{' '}
        <EntityLink entityRef={agentRefsOf(entity).owner} /> if you need it.
      </span>
    </p>
  );
}

function Access({ entity }: { entity: AgentEntity }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const api = useApi(agentsApiRef);
  const agent = {
    namespace: entity.metadata.namespace ?? 'default',
    name: entity.metadata.name,
    title: entity.metadata.title ?? entity.metadata.name,
  };
  const [version, setVersion] = useState(0);
  const access = useLoad(`access ${agent.namespace}/${agent.name}`, signal =>
    api.getAccess(agent.namespace, agent.name, { signal }),
  );
  const titles = useTitles(
    access.value && [
      access.value.agent.reason,
      access.value.agent.sponsorRef,
      access.value.suspended?.by,
      access.value.orphaned?.sponsorRef,
      ...access.value.agent.tools,
      ...access.value.statements.flatMap(
        ({ approval, by, rules = [], sentence, subject }) => [
          approval,
          by,
          sentence,
          subject,
          ...rules.flatMap(rule => [rule.by, rule.reason]),
        ],
      ),
    ],
  );

  if (access.error && !access.value) {
    return refusalOf(access.error)?.kind === 'notAllowed' ? (
      <NotForYou entity={entity} />
    ) : (
      <ErrorPanel
        title={`What ${agent.title} may do could not be loaded`}
        error={access.error}
        onRetry={access.reload}
      />
    );
  }
  if (!access.value || !titles) {
    return <Pending />;
  }
  const shown = access.value;
  return (
    <div className={styles.page}>
      {access.error && (
        <p className={styles.quiet} role="status">
          {t('accessPage.thisIsWhatWasKnown')}
        </p>
      )}
      <StateSection
        agent={agent}
        access={shown}
        titles={titles}
        onChanged={() => {
          access.reload();
          setVersion(count => count + 1);
        }}
      />
      <div className={styles.columns}>
        <Statements
          statements={shown.statements}
          titles={titles}
          fileUrl={entity.metadata.annotations?.[ANNOTATION_VIEW_URL]}
        />
        <WhatIf access={shown} titles={titles} />
      </div>
      <ControlsSection agent={agent} />
      {shown.canManage.credentials && (
        <CredentialsSection agent={agent} access={shown} />
      )}
      <GrantsSection agent={agent} access={shown} onChanged={access.reload} />
      <WorkSection agent={agent} version={version} />
    </div>
  );
}

/** Nothing is asked of the backend that it would refuse. */
function MaybeAccess({ entity }: { entity: AgentEntity }) {
  const mayRead = usePermission({
    permission: agentsAccessReadPermission,
    resourceRef: stringifyEntityRef(entity),
  });
  if (mayRead.loading) {
    return <Pending />;
  }
  // What could not be found out is left to the backend, which says what is wrong.
  return mayRead.allowed || mayRead.error ? (
    <Access entity={entity} />
  ) : (
    <NotForYou entity={entity} />
  );
}

/** Who an agent is to the portal: what it may do and why, its credentials, and what it is doing with them. */
export function AccessTab() {
  const { entity } = useEntity();
  return isAgentEntity(entity) ? <MaybeAccess entity={entity} /> : <></>;
}
