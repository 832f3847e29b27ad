import { useEffect, useRef, useState } from 'react';
import {
  ErrorPanel,
  useLoad,
  usePages,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import { agentsAgentCreatePermission } from '@agentportal/plugin-agents-common';
import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  Button,
  ButtonLink,
  Container,
  SearchField,
  ToggleButton,
  ToggleButtonGroup,
} from '@backstage/ui';
import {
  RiAddLine,
  RiFilter3Line,
  RiLayoutGridLine,
  RiTableLine,
} from '@remixicon/react';
import { agentsTranslationRef } from '../translation';
import { agentsApiRef } from '../api';
import { createAgentRouteRef } from '../routes';
import { AgentsResult } from './AgentsResult';
import { DemoModelNotice } from './DemoModelNotice';
import { FacetPanel } from './FacetPanel';
import { FACETS, HOME_STATE, countChosen, toQuery } from './agentFilters';
import { useSearchText } from './useSearchText';
import styles from './AgentsPage.module.css';

const PAGE_SIZE = 24;

function CreateButton() {
  const { t } = useTranslationRef(agentsTranslationRef);
  const createRoute = useRouteRef(createAgentRouteRef);
  const { allowed } = usePermission({
    permission: agentsAgentCreatePermission,
  });
  return createRoute && allowed ? (
    <ButtonLink
      href={createRoute()}
      variant="primary"
      iconStart={<RiAddLine />}
    >
      {t('agentsPage.create')}
    </ButtonLink>
  ) : null;
}

/** The agents of the company: the page on which the portal opens. */
export function AgentsPage() {
  const { t } = useTranslationRef(agentsTranslationRef);
  const api = useApi(agentsApiRef);
  const [state, update] = useUrlState(HOME_STATE);
  const [text, setText] = useSearchText(state.q, q =>
    update({ q }, { replace: true }),
  );
  const [areFiltersOpen, setAreFiltersOpen] = useState(false);

  const query = toQuery(state);
  const key = JSON.stringify(query);
  const pages = usePages(key, (cursor, signal) =>
    api.listAgents(
      { ...query, mine: 'first', limit: PAGE_SIZE, cursor },
      { signal },
    ),
  );
  const facets = useLoad(key, signal => api.getFacets(query, { signal }));
  // Counts change with every choice; the old ones stay until the new are here.
  const lastFacets = useRef(facets.value);
  useEffect(() => {
    lastFacets.current = facets.value ?? lastFacets.current;
  }, [facets.value]);

  const search = useRef<HTMLInputElement | null>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const isTyping = /^(input|textarea|select)$/i.test(target.tagName);
      if (event.key === '/' && !isTyping && !event.metaKey && !event.ctrlKey) {
        event.preventDefault();
        search.current?.focus();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  const chosen = countChosen(state);
  const clear = () => {
    setText('');
    update({
      q: '',
      ...Object.fromEntries(FACETS.map(facet => [facet.key, []])),
    });
  };

  return (
    <Container className={styles.page}>
      <DemoModelNotice />
      <div className={styles.toolbar}>
        <div className={styles.search}>
          <SearchField
            ref={node => {
              search.current = node?.querySelector('input') ?? null;
            }}
            aria-label={t('agentsPage.searchAgents')}
            placeholder={t('agentsPage.searchByNamePurposeOr')}
            value={text}
            onChange={setText}
          />
        </div>
        <span className={styles.total} role="status">
          {pages.totalItems !== undefined &&
            t('agentsPage.total', { count: pages.totalItems })}
        </span>
        <div className={styles.filterSwitch}>
          <Button
            variant="secondary"
            iconStart={<RiFilter3Line />}
            aria-expanded={areFiltersOpen}
            onPress={() => setAreFiltersOpen(before => !before)}
          >
            {chosen > 0
              ? t('agentsPage.filtersChosen', { chosen: String(chosen) })
              : t('agentsPage.filters')}
          </Button>
        </div>
        <ToggleButtonGroup
          aria-label={t('agentsPage.view')}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[state.view]}
          onSelectionChange={keys =>
            update({ view: [...keys][0] === 'table' ? 'table' : 'cards' })
          }
        >
          <ToggleButton
            id="cards"
            aria-label={t('agentsPage.cards')}
            iconStart={<RiLayoutGridLine />}
          />
          <ToggleButton
            id="table"
            aria-label={t('agentsPage.table')}
            iconStart={<RiTableLine />}
          />
        </ToggleButtonGroup>
        <CreateButton />
      </div>
      <div className={styles.columns}>
        <aside
          className={styles.facets}
          data-open={areFiltersOpen}
          aria-label={t('agentsPage.filters')}
        >
          {facets.error && !facets.value ? (
            <ErrorPanel
              title={t('agentsPage.theFiltersCouldNotBe')}
              error={facets.error}
              onRetry={facets.reload}
            />
          ) : (
            <FacetPanel
              facets={facets.value ?? lastFacets.current}
              filters={state}
              onChange={(facet, values) => update({ [facet]: values })}
            />
          )}
          {chosen > 0 && (
            <Button size="small" variant="secondary" onPress={clear}>
              {t('agentsPage.clearFilters')}
            </Button>
          )}
        </aside>
        <AgentsResult
          pages={pages}
          view={state.view}
          isFiltered={chosen > 0 || state.q.trim() !== ''}
          onClear={clear}
        />
      </div>
    </Container>
  );
}
