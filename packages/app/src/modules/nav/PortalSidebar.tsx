import { useIsAgentPage } from '@agentportal/plugin-agents';
import {
  Sidebar,
  SidebarDivider,
  SidebarGroup,
  SidebarItem,
  SidebarScrollWrapper,
  SidebarSpace,
} from '@backstage/core-components';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { NavContentComponentProps } from '@backstage/plugin-app-react';
import { NotificationsSidebarItem } from '@backstage/plugin-notifications';
import { UserSettingsSignInAvatar } from '@backstage/plugin-user-settings';
import { useTheme } from '@material-ui/core/styles';
import { RiMenuLine, RiSearchLine } from '@remixicon/react';
import { Children, type PropsWithChildren } from 'react';
import { portalTranslationRef } from '../../translation';
import { CommandPalette } from '../palette';
import { PersonMenu } from './PersonMenu';
import { PortalLogo } from './PortalLogo';
import { useNarrowSidebar } from './useNarrowSidebar';
import { WaitingCount } from './WaitingCount';

/** Pages that have a place of their own in the sidebar. */
const PLACED_ELSEWHERE = ['page:search', 'page:notifications'];
/** Stock pages that show nothing of a portal of agents unless one comes from an entity. */
const UNLISTED = ['page:api-docs', 'page:catalog-graph'];

/** Backstage's own pages have no Chinese titles. */
const WORDS = {
  'page:scaffolder': 'nav.create',
  'page:catalog': 'nav.catalog',
  'page:search': 'nav.search',
  'page:notifications': 'nav.notifications',
  'page:user-settings': 'nav.settings',
} as const;

/** Pages without a place of their own; a guest may have none, and then no room is left for them. */
function OtherPages({ children }: PropsWithChildren) {
  return Children.count(children) === 0 ? null : (
    <>
      <SidebarDivider />
      <SidebarScrollWrapper>{children}</SidebarScrollWrapper>
    </>
  );
}

export function PortalSidebar(props: NavContentComponentProps) {
  const { t } = useTranslationRef(portalTranslationRef);
  useNarrowSidebar();
  const isAgentPage = useIsAgentPage();
  const { navigation } = useTheme().palette;
  const here = {
    boxShadow: `inset 3px 0 ${navigation.indicator}`,
    color: navigation.selectedColor,
  };
  // What is taken stays taken when this is drawn again, and the palette would then have no pages.
  const navItems = props.navItems.clone();
  UNLISTED.forEach(id => navItems.take(id));
  const titleOf = (id: string, title: string) => {
    const key = WORDS[id as keyof typeof WORDS];
    return key ? t(key) : title;
  };
  const pages = navItems
    .clone()
    .rest()
    .map(({ href, node, title }) => ({
      id: node.spec.id,
      href,
      title: titleOf(node.spec.id, title),
    }));
  const nav = navItems.withComponent(({ node, href, icon, title }) => {
    const { id } = node.spec;
    return (
      <SidebarItem
        icon={() => icon}
        to={href}
        text={titleOf(id, title)}
        // The page of an agent has an address of the catalog, and its place among the agents.
        end={isAgentPage && id === 'page:catalog'}
        style={isAgentPage && id === 'page:agents' ? here : undefined}
      >
        {id === 'page:agents/approvals' && <WaitingCount />}
      </SidebarItem>
    );
  });
  PLACED_ELSEWHERE.forEach(id => nav.take(id));

  return (
    <Sidebar>
      <PortalLogo />
      <SidebarGroup
        label={t('nav.search')}
        icon={<RiSearchLine size={20} />}
        to="/search"
      >
        <CommandPalette pages={pages}>
          {open => (
            <SidebarItem
              icon={() => <RiSearchLine size={20} />}
              text={t('nav.search')}
              onClick={open}
            />
          )}
        </CommandPalette>
      </SidebarGroup>
      <SidebarDivider />
      <SidebarGroup label={t('nav.menu')} icon={<RiMenuLine size={20} />}>
        {nav.take('page:agents')}
        {nav.take('page:agents/approvals')}
        {nav.take('page:orchestration')}
        {nav.take('page:orchestration/schedules')}
        {nav.take('page:traces')}
        {nav.take('page:evals')}
        {nav.take('page:tools')}
        {nav.take('page:models')}
        {nav.take('page:models/cost')}
        {nav.take('page:scaffolder')}
        {nav.take('page:catalog')}
        <OtherPages>{nav.rest({ sortBy: 'title' })}</OtherPages>
      </SidebarGroup>
      <SidebarSpace />
      <SidebarDivider />
      <NotificationsSidebarItem text={t('nav.notifications')} />
      <SidebarDivider />
      <SidebarGroup
        label={t('nav.settings')}
        icon={<UserSettingsSignInAvatar />}
        to="/settings"
      >
        {nav.take('page:user-settings')}
        <PersonMenu />
      </SidebarGroup>
    </Sidebar>
  );
}
