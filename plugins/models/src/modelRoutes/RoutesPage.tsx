import {
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  usePages,
  useSettled,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import {
  managementViewPermission,
  type RouteSummary,
} from '@agentportal/plugin-models-common';
import { useApi, useAppLocation } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, Container, SearchField } from '@backstage/ui';
import { RiAddLine } from '@remixicon/react';
import { modelsApiRef } from '../api/modelsApiRef';
import { RouteEditor } from './RouteEditor';
import { RouteList } from './RouteList';
import { RoutePanel } from './RoutePanel';
import styles from './RoutesPage.module.css';

const STATE = { q: '', route: '', edit: '' };

/** The routes: what agents ask for by what they need, and how models are chosen. */
export function RoutesPage() {
  const routesApi = useApi(modelsApiRef);
  const [state, update] = useUrlState(STATE);
  const question = useSettled(state.q.trim());
  const routes = usePages<RouteSummary>(question, (cursor, signal) =>
    routesApi.listRoutes(
      {
        limit: 50,
        ...(cursor ? { cursor } : {}),
        ...(question ? { q: question } : {}),
      },
      { signal },
    ),
  );
  const { pathname } = useAppLocation();
  const named = /\/routes\/([^/]+)/.exec(pathname)?.[1];
  const chosen = state.route || named || routes.items[0]?.name;
  // Whose route it will be is said in the route itself, so who may save it shows when it is saved.
  const manages = usePermission({ permission: managementViewPermission });
  const writesNew = state.edit === 'new' && manages.allowed;

  return (
    <Container className={styles.page}>
      <div className={styles.bar}>
        <SearchField
          className={styles.search}
          aria-label="Find a route"
          placeholder="Find a route"
          value={state.q}
          onChange={q => update({ q }, { replace: true })}
        />
        {manages.allowed && (
          <Button
            variant="secondary"
            iconStart={<RiAddLine />}
            onPress={() => update({ edit: 'new' })}
          >
            New route
          </Button>
        )}
      </div>

      {routes.error && routes.items.length === 0 && (
        <ErrorPanel
          title="The routes could not be read"
          error={routes.error}
          safe="Agents keep calling models by the routes that they have."
          onRetry={routes.reload}
        />
      )}
      {routes.isPending && <RowsSkeleton rows={5} rowHeight={64} />}
      {!routes.isPending && !routes.error && routes.items.length === 0 && (
        <EmptyHint
          title={question ? 'No route fits' : 'There are no routes yet'}
        >
          {question
            ? 'Try another word.'
            : 'A route lets an agent ask for what it needs, such as a low price, and leaves the choice of the model to you. Write the first one here, or add it to the catalog.'}
        </EmptyHint>
      )}

      {(routes.items.length > 0 || writesNew) && (
        <div className={styles.columns}>
          <RouteList
            routes={routes.items}
            chosen={writesNew ? undefined : chosen}
            onChoose={route => update({ route, edit: '' })}
          />
          {writesNew ? (
            <RouteEditor
              onClose={() => update({ edit: '' })}
              onSaved={({ name }) => {
                routes.reload();
                update({ route: name, edit: '' });
              }}
            />
          ) : (
            chosen && (
              <RoutePanel
                key={chosen}
                name={chosen}
                isEdited={state.edit === 'yaml'}
                onEdit={edits => update({ edit: edits ? 'yaml' : '' })}
                onChanged={routes.reload}
              />
            )
          )}
        </div>
      )}
    </Container>
  );
}
