import {
  BreadcrumbEntry,
  useAppNode,
  useBreadcrumbEntries,
  useRouteRef,
  useTranslationRef,
  type PageLayoutProps,
} from '@backstage/frontend-plugin-api';
import { PluginHeader } from '@backstage/ui';
import { RiRobot2Line } from '@remixicon/react';
import { rootRouteRef } from '../routes';
import { agentsTranslationRef } from '../translation';
import { useIsAgentPage } from './useIsAgentPage';

/** Plugins whose pages are content alone; pages of others bring their own landmark. */
const WITHOUT_MAIN = [
  'agents',
  'evals',
  'governance',
  'models',
  'orchestration',
  'tools',
  'traces',
];

/**
 * Header and content of a page. Agents are entities of the catalog, but a person who looks at one is among the agents,
 * so its page is named after them; and the content of our own pages is their landmark.
 */
export function PortalPageLayout(props: PageLayoutProps) {
  const { children, headerActions, noHeader, tabs } = props;
  const { t } = useTranslationRef(agentsTranslationRef);
  const agentsLink = useRouteRef(rootRouteRef)?.();
  const isAgentPage = useIsAgentPage() && Boolean(agentsLink);
  const { items: breadcrumbs } = useBreadcrumbEntries();
  const pluginId = useAppNode()?.spec.plugin.pluginId;
  const content = WITHOUT_MAIN.includes(pluginId ?? '') ? (
    <main>{children}</main>
  ) : (
    children
  );
  if (noHeader) {
    return <>{content}</>;
  }
  const title = isAgentPage ? t('page.title') : props.title;
  const titleLink = isAgentPage ? agentsLink : props.titleLink;
  return (
    <BreadcrumbEntry
      entry={title ? { label: title, href: titleLink || '/' } : undefined}
    >
      <PluginHeader
        title={title}
        icon={isAgentPage ? <RiRobot2Line /> : props.icon}
        titleLink={titleLink}
        breadcrumbs={breadcrumbs}
        tabs={tabs?.map(tab => ({ ...tab, matchStrategy: 'prefix' as const }))}
        customActions={headerActions}
      />
      {content}
    </BreadcrumbEntry>
  );
}
