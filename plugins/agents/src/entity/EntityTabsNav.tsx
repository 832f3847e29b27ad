import type { EntityHeaderLayoutProps } from '@backstage/plugin-catalog-react/alpha';
import { RouterLink } from '@backstage/frontend-plugin-api';
import styles from './AgentHeader.module.css';

/** Tabs that come first, in this order; those of other plugins follow. */
const FIRST = ['', 'chat', 'runs', 'cost'];

function rank(href: string): number {
  const index = FIRST.indexOf(href);
  return index < 0 ? FIRST.length : index;
}

/** The tabs of an entity page; groups are laid flat, an agent has few. */
export function EntityTabsNav(
  props: EntityHeaderLayoutProps & { base: string },
) {
  const { base, tabs, activeTabId } = props;
  const flat = tabs
    .flatMap(tab => ('items' in tab ? tab.items : [tab]))
    .sort((a, b) => rank(a.href) - rank(b.href));
  return (
    <nav className={styles.tabs} aria-label="Sections of the agent">
      {flat.map(tab => (
        <RouterLink
          key={tab.id}
          className={styles.tab}
          href={tab.href ? `${base}/${tab.href}` : base}
          aria-current={tab.id === activeTabId ? 'page' : undefined}
        >
          {tab.label}
        </RouterLink>
      ))}
    </nav>
  );
}
