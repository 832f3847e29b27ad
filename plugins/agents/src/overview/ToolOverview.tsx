import { isToolEntity, toolRefsOf } from '@agentportal/plugin-agents-common';
import {
  CopyButton,
  EntityLink,
  LifecycleTag,
  RelativeTime,
  RiskBadge,
  StatusMark,
  useLoad,
  useLevelWords,
} from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { CodeSnippet } from '@backstage/core-components';
import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import type { EntityContentLayoutProps } from '@backstage/plugin-catalog-react/alpha';
import { ButtonLink } from '@backstage/ui';
import { agentsTranslationRef } from '../translation';
import { agentActivityApiRef } from '../api';
import { toolExplorerRouteRef } from '../routes';
import { CatalogCards } from './CatalogCards';
import { Facts } from './Facts';
import { Section } from './Section';
import { UsersSection } from './UsersSection';
import styles from './overview.module.css';

/** The overview of a tool: what it does, how risky it is, who uses it. */
export function ToolOverview(props: EntityContentLayoutProps) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const words = useLevelWords();
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
            title={t('toolOverview.whatItDoes')}
            action={
              explorer && (
                <ButtonLink
                  size="small"
                  variant="secondary"
                  href={`${explorer()}?tool=${encodeURIComponent(
                    metadata.name,
                  )}`}
                >
                  {t('toolOverview.openInTheToolExplorer')}
                </ButtonLink>
              )
            }
          >
            <p className={styles.lead}>
              {metadata.description ?? t('toolOverview.noDescription')}
            </p>
            {schema && (
              <>
                <div className={styles.tierHead}>
                  <span className={styles.quiet}>
                    {t('toolOverview.argumentsJsonSchema')}
                  </span>
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
          <Section title={t('toolOverview.facts')}>
            <Facts
              items={[
                [
                  t('toolOverview.risk'),
                  <span key="risk">
                    <RiskBadge tier={spec.riskTier} />
                    <br />
                    <span className={styles.quiet}>
                      {words.describeRisk(spec.riskTier)}
                    </span>
                  </span>,
                ],
                [
                  t('toolOverview.status'),
                  tool && <StatusMark key="status" status={tool.status} />,
                ],
                [
                  t('toolOverview.owner'),
                  <EntityLink key="owner" entityRef={refs.owner} />,
                ],
                [
                  t('toolOverview.server'),
                  <EntityLink key="server" entityRef={refs.providedBy} />,
                ],
                [
                  t('toolOverview.name'),
                  <code key="name">{spec.toolName}</code>,
                ],
                [
                  t('toolOverview.system'),
                  refs.system && (
                    <EntityLink key="system" entityRef={refs.system} />
                  ),
                ],
                [
                  t('toolOverview.lifecycle'),
                  <LifecycleTag key="lifecycle" lifecycle={spec.lifecycle} />,
                ],
                [
                  t('toolOverview.lastSeen'),
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
