import {
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  useLoad,
  usePages,
  useSettled,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import type { ModelSummary } from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  Button,
  Container,
  SearchField,
  ToggleButton,
  ToggleButtonGroup,
} from '@backstage/ui';
import { modelsApiRef } from '../api/modelsApiRef';
import { CallItYourself } from './CallItYourself';
import { ModelTable } from './ModelTable';
import { ProviderStrip } from './ProviderStrip';
import styles from './ModelsPage.module.css';

const STATE = { q: '', type: '' };

const TYPES = [
  { id: '', label: 'All' },
  { id: 'route', label: 'Routes' },
  { id: 'chat', label: 'Chat' },
  { id: 'embedding', label: 'Embedding' },
];

/** Every model that agents and programs can call through the portal, and the routes to them. */
export function ModelsPage() {
  const modelsApi = useApi(modelsApiRef);
  const [state, update] = useUrlState(STATE);
  const question = useSettled(state.q.trim());

  const providers = useLoad('providers', signal =>
    modelsApi.listProviders({ limit: 100 }, { signal }),
  );
  const models = usePages<ModelSummary>(
    JSON.stringify([question, state.type]),
    (cursor, signal) =>
      modelsApi.listModels(
        {
          limit: 50,
          ...(cursor ? { cursor } : {}),
          ...(question ? { q: question } : {}),
          ...(state.type ? { type: state.type as ModelSummary['type'] } : {}),
        },
        { signal },
      ),
  );
  const filtered = Boolean(question || state.type);

  return (
    <Container className={styles.page}>
      {/* When nothing answers, one panel says so. */}
      {!(providers.error && models.error) && (
        <ProviderStrip providers={providers} />
      )}
      <div className={styles.filters}>
        <SearchField
          className={styles.search}
          aria-label="Find a model"
          placeholder="Find a model or a route"
          value={state.q}
          onChange={q => update({ q }, { replace: true })}
        />
        <ToggleButtonGroup
          aria-label="Type"
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[state.type || 'all']}
          onSelectionChange={keys => {
            const [key] = [...keys];
            update({ type: key === 'all' ? '' : String(key) });
          }}
        >
          {TYPES.map(type => (
            <ToggleButton key={type.id || 'all'} id={type.id || 'all'}>
              {type.label}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      </div>

      {models.isPending && (
        <div className={styles.pending}>
          <RowsSkeleton rows={6} rowHeight={84} />
        </div>
      )}
      {models.error && models.items.length === 0 && (
        <ErrorPanel
          title="The models could not be read"
          error={models.error}
          safe="Agents keep calling the models that they have."
          onRetry={() => {
            providers.reload();
            models.reload();
          }}
        />
      )}
      {!models.isPending && !models.error && models.items.length === 0 && (
        <EmptyHint
          title={filtered ? 'No model fits' : 'There are no models yet'}
          actions={
            filtered && (
              <Button
                variant="secondary"
                onPress={() => update({ q: '', type: '' })}
              >
                Clear search and filters
              </Button>
            )
          }
        >
          {filtered
            ? 'Try another word, or look at all of them.'
            : 'Set a provider key, for example OPENAI_API_KEY, and start the portal again.'}
        </EmptyHint>
      )}
      {models.items.length > 0 && <ModelTable models={models.items} />}
      {models.hasMore && (
        <Button
          variant="secondary"
          isPending={models.isLoadingMore}
          onPress={models.loadMore}
        >
          Show more models
        </Button>
      )}
      <CallItYourself />
    </Container>
  );
}
