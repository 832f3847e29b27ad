import {
  EntityLink,
  RelativeTime,
  usePages,
} from '@agentportal/plugin-agents-react';
import type { RouteChange } from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Button,
  Text,
} from '@backstage/ui';
import { modelsApiRef } from '../api/modelsApiRef';
import styles from './RoutesPage.module.css';

/** Who changed a route in the portal; nothing where nobody did. */
export function RouteHistory(props: { name: string; version?: string }) {
  const { name, version } = props;
  const routesApi = useApi(modelsApiRef);
  const changes = usePages<RouteChange>(
    JSON.stringify([name, version]),
    (cursor, signal) =>
      routesApi.getRouteHistory(
        name,
        { limit: 20, ...(cursor ? { cursor } : {}) },
        { signal },
      ),
  );
  if (changes.items.length === 0) {
    return null;
  }
  return (
    <Accordion>
      <AccordionTrigger title="Changes in the portal" />
      <AccordionPanel>
        <ul className={styles.changes}>
          {changes.items.map(change => (
            <li key={`${change.at} ${change.by}`}>
              <EntityLink entityRef={change.by} />{' '}
              {change.action === 'saved' ? 'saved it' : 'took the change back'}{' '}
              <RelativeTime value={change.at} />
              {change.yaml && (
                <details>
                  <summary>
                    <Text variant="body-small">YAML</Text>
                  </summary>
                  <pre>{change.yaml}</pre>
                </details>
              )}
            </li>
          ))}
        </ul>
        {changes.hasMore && (
          <Button
            size="small"
            variant="secondary"
            isPending={changes.isLoadingMore}
            onPress={changes.loadMore}
          >
            Show more
          </Button>
        )}
      </AccordionPanel>
    </Accordion>
  );
}
