import {
  ANNOTATION_LAST_SEEN,
  ANNOTATION_STATUS,
  isToolEntity,
  toolRefsOf,
} from '@agentportal/plugin-agents-common';
import {
  CopyButton,
  EntityLink,
  LifecycleTag,
  RelativeTime,
  RiskBadge,
  StatusMark,
  describeRiskTier,
} from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { CodeSnippet } from '@backstage/core-components';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import type { EntityContentLayoutProps } from '@backstage/plugin-catalog-react/alpha';
import { ButtonLink } from '@backstage/ui';
import { toolExplorerRouteRef } from '../routes';
import { CatalogCards } from './CatalogCards';
import { Facts } from './Facts';
import { Section } from './Section';
import { UsersSection } from './UsersSection';
import styles from './overview.module.css';

/** The overview of a tool: what it does, how risky it is, who uses it. */
export function ToolOverview(props: EntityContentLayoutProps) {
  const { entity } = useEntity();
  const explorer = useRouteRef(toolExplorerRouteRef);
  if (!isToolEntity(entity)) {
    return <></>;
  }
  const refs = toolRefsOf(entity);
  const { spec, metadata } = entity;
  const status = metadata.annotations?.[ANNOTATION_STATUS];
  const seen = metadata.annotations?.[ANNOTATION_LAST_SEEN];
  return (
    <div className={styles.page}>
      <div className={styles.columns}>
        <div className={styles.column}>
          <Section
            title="What it does"
            action={
              explorer && (
                <ButtonLink
                  size="small"
                  variant="secondary"
                  href={`${explorer()}?tool=${encodeURIComponent(
                    metadata.name,
                  )}`}
                >
                  Open in the tool explorer
                </ButtonLink>
              )
            }
          >
            <p className={styles.lead}>
              {metadata.description ?? 'Its server gives no description.'}
            </p>
            {spec.inputSchema && (
              <>
                <div className={styles.tierHead}>
                  <span className={styles.quiet}>Arguments, JSON Schema</span>
                  <CopyButton
                    text={JSON.stringify(spec.inputSchema, null, 2)}
                    what="schema"
                  />
                </div>
                <CodeSnippet
                  language="json"
                  text={JSON.stringify(spec.inputSchema, null, 2)}
                />
              </>
            )}
          </Section>
          <UsersSection filter={{ tool: [stringifyEntityRef(entity)] }} />
          <CatalogCards cards={props.cards} />
        </div>
        <div className={styles.column}>
          <Section title="Facts">
            <Facts
              items={[
                [
                  'Risk',
                  <span key="risk">
                    <RiskBadge tier={spec.riskTier} />
                    <br />
                    <span className={styles.quiet}>
                      {describeRiskTier(spec.riskTier)}
                    </span>
                  </span>,
                ],
                [
                  'Status',
                  status && <StatusMark key="status" status={status} />,
                ],
                ['Owner', <EntityLink key="owner" entityRef={refs.owner} />],
                [
                  'Served by',
                  <EntityLink key="server" entityRef={refs.providedBy} />,
                ],
                ['Name on its server', <code key="name">{spec.toolName}</code>],
                [
                  'System',
                  refs.system && (
                    <EntityLink key="system" entityRef={refs.system} />
                  ),
                ],
                [
                  'Lifecycle',
                  <LifecycleTag key="lifecycle" lifecycle={spec.lifecycle} />,
                ],
                ['Last seen', seen && <RelativeTime key="seen" value={seen} />],
              ]}
            />
          </Section>
        </div>
      </div>
    </div>
  );
}
