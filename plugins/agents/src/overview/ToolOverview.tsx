import { isToolEntity, toolRefsOf } from '@agentportal/plugin-agents-common';
import {
  CopyButton,
  EntityLink,
  LifecycleTag,
  RelativeTime,
  RiskBadge,
  StatusMark,
  describeRiskTier,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { CodeSnippet } from '@backstage/core-components';
import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import type { EntityContentLayoutProps } from '@backstage/plugin-catalog-react/alpha';
import { ButtonLink } from '@backstage/ui';
import { agentActivityApiRef } from '../api';
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
  const api = useApi(agentActivityApiRef);
  const toolRef = stringifyEntityRef(entity);
  // What the server says of it changes by the minute, so the catalog does not hold it.
  const { value: tool } = useLoad(toolRef, signal =>
    api.getTool(toolRef, { signal }),
  );
  if (!isToolEntity(entity)) {
    return <></>;
  }
  const refs = toolRefsOf(entity);
  const { spec, metadata } = entity;
  const schema = tool && JSON.stringify(tool.inputSchema, null, 2);
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
            {schema && (
              <>
                <div className={styles.tierHead}>
                  <span className={styles.quiet}>Arguments, JSON Schema</span>
                  <CopyButton text={schema} what="schema" />
                </div>
                <CodeSnippet language="json" text={schema} />
              </>
            )}
          </Section>
          <UsersSection filter={{ tool: [toolRef] }} />
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
                  tool && <StatusMark key="status" status={tool.status} />,
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
                [
                  'Last seen',
                  tool && <RelativeTime key="seen" value={tool.lastSeenAt} />,
                ],
              ]}
            />
          </Section>
        </div>
      </div>
    </div>
  );
}
