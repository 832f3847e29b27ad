import { StatusMark } from '@agentportal/plugin-agents-react';
import type { RouteSummary } from '@agentportal/plugin-models-common';
import { Text } from '@backstage/ui';
import { strategyWords } from './strategyWords';
import styles from './RoutesPage.module.css';

/** The routes by name; one of them is looked at. */
export function RouteList(props: {
  routes: RouteSummary[];
  chosen?: string;
  onChoose: (name: string) => void;
}) {
  return (
    <nav aria-label="Routes" className={styles.list}>
      {props.routes.map(route => {
        const available = [...route.candidates, ...route.fallbacks].some(
          target => target.available,
        );
        return (
          <button
            key={route.name}
            type="button"
            className={styles.item}
            aria-current={route.name === props.chosen}
            onClick={() => props.onChoose(route.name)}
          >
            <span className={styles.itemTop}>
              {route.title}
              <StatusMark
                status={available ? 'available' : 'unavailable'}
                iconOnly={available}
              />
            </span>
            <Text variant="body-small" color="secondary">
              {strategyWords(route.strategy).title}
              {route.source === 'portal' && ' · changed in the portal'}
            </Text>
          </button>
        );
      })}
    </nav>
  );
}
