import {
  EmptyHint,
  EntityLink,
  ErrorPanel,
  RelativeTime,
  RowsSkeleton,
  isNotFound,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { Alert, Box, Button, Text } from '@backstage/ui';
import { useState } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import { Candidates } from './Candidates';
import { LearnedSection } from './LearnedSection';
import { RouteEditor } from './RouteEditor';
import { RouteHistory } from './RouteHistory';
import { behaviourOf, strategyWords } from './strategyWords';
import styles from './RoutesPage.module.css';

/** One route: how it chooses, among which models, and what can be done with it. */
export function RoutePanel(props: {
  name: string;
  isEdited: boolean;
  onEdit: (edits: boolean) => void;
  onChanged: () => void;
}) {
  const { name, isEdited, onChanged, onEdit } = props;
  const routesApi = useApi(modelsApiRef);
  const [reverting, setReverting] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const {
    error,
    reload,
    value: route,
  } = useLoad(name, signal => routesApi.getRoute(name, { signal }));
  if (error && !route) {
    return isNotFound(error) ? (
      <EmptyHint title={`There is no route ${name}`}>
        It may have another name now, or you may not see it. The routes that
        there are stand in the list.
      </EmptyHint>
    ) : (
      <ErrorPanel
        title="The route could not be read"
        error={error}
        onRetry={reload}
      />
    );
  }
  if (!route) {
    return <RowsSkeleton rows={6} rowHeight={48} />;
  }
  const changed = () => {
    reload();
    onChanged();
  };
  const revert = async () => {
    setReverting(true);
    setFailure(undefined);
    try {
      await routesApi.revertRoute(name);
      changed();
    } catch (caught) {
      setFailure(caught as Error);
    } finally {
      setReverting(false);
    }
  };
  if (isEdited) {
    return (
      <RouteEditor
        route={route}
        onClose={() => onEdit(false)}
        onSaved={() => {
          changed();
          onEdit(false);
        }}
      />
    );
  }
  const { sentence, title } = strategyWords(route.strategy);
  return (
    <Box
      as="section"
      bg="neutral"
      className={styles.panel}
      aria-label={route.title}
    >
      <div className={styles.head}>
        <div>
          <h2 className={styles.title}>
            <EntityLink entityRef={route.ref} title={route.title} />
          </h2>
          {route.description && (
            <Text as="p" color="secondary">
              {route.description}
            </Text>
          )}
        </div>
        <Button variant="secondary" onPress={() => onEdit(true)}>
          {route.mayEdit ? 'Edit' : 'Try a change'}
        </Button>
      </div>
      <dl className={styles.facts}>
        <div>
          <dt>Agents ask for</dt>
          <dd>
            <code>{route.name}</code>
          </dd>
        </div>
        <div>
          <dt>Chooses</dt>
          <dd>{title}</dd>
        </div>
        <div>
          <dt>Owner</dt>
          <dd>
            {route.ownerRef ? <EntityLink entityRef={route.ownerRef} /> : '–'}
          </dd>
        </div>
      </dl>
      {failure && (
        <ErrorPanel
          title="The change could not be taken back"
          error={failure}
          safe="The route is as it was."
        />
      )}
      {route.saved && (
        <Alert
          status="info"
          title={
            route.inCatalog
              ? 'This route was changed in the portal; the catalog says something else.'
              : 'This route is only in the portal; the catalog does not have it.'
          }
          description={
            <>
              Saved by <EntityLink entityRef={route.saved.by} />{' '}
              <RelativeTime value={route.saved.at} />. To keep it for good, put
              its YAML into the repository of the catalog.
            </>
          }
          customActions={
            route.mayEdit && (
              <Button
                size="small"
                variant="tertiary"
                isPending={reverting}
                onPress={revert}
              >
                {route.inCatalog ? 'Back to the catalog' : 'Remove the route'}
              </Button>
            )
          }
        />
      )}
      <Text as="p">{[sentence, ...behaviourOf(route)].join(' ')}</Text>
      <Candidates route={route} />
      {route.strategy === 'complexity' && <LearnedSection />}
      <RouteHistory name={route.name} version={route.saved?.at} />
    </Box>
  );
}
