import type { EntityHeaderLayoutProps } from '@backstage/plugin-catalog-react/alpha';
import { RouterLink, useTranslationRef } from '@backstage/frontend-plugin-api';
import { agentsTranslationRef } from '../translation';
import styles from './AgentHeader.module.css';

/** Paths of the tabs that come first; the others follow as the app orders them. */
const FIRST = ['/', '/chat'];

function rank(path: string): number {
  const index = FIRST.indexOf(path);
  return index < 0 ? FIRST.length : index;
}

/** The tabs of an entity page; groups are laid flat, an agent has few. */
export function EntityTabsNav({ tabs, activeTabId }: EntityHeaderLayoutProps) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const flat = tabs
    .flatMap(tab => ('items' in tab ? tab.items : [tab]))
    .sort((a, b) => rank(a.id) - rank(b.id));
  return (
    <nav className={styles.tabs} aria-label={t('header.sections')}>
      {flat.map(tab => (
        <RouterLink
          key={tab.id}
          className={styles.tab}
          href={tab.href}
          aria-current={tab.id === activeTabId ? 'page' : undefined}
        >
          {/* The catalog's own tab has no other words. */}
          {tab.id === '/' ? t('header.overview') : tab.label}
        </RouterLink>
      ))}
    </nav>
  );
}
