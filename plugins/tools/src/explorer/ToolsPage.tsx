import { RISK_TIERS } from '@agentportal/plugin-agents-common';
import {
  EmptyHint,
  ErrorPanel,
  LinesSkeleton,
  RowsSkeleton,
  useLoad,
  usePages,
  useSettled,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import type { ToolSummary } from '@agentportal/plugin-tools-common';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Container, SearchField, Select, Text } from '@backstage/ui';
import { toolsApiRef } from '../api/toolsApiRef';
import { ToolDetail } from '../detail/ToolDetail';
import { toolsTranslationRef } from '../translation';
import { RefreshServers } from './RefreshServers';
import { ServerStrip } from './ServerStrip';
import { ToolList } from './ToolList';
import styles from './ToolsPage.module.css';

const STATE = { q: '', server: '', risk: '', tool: '' };

const EVERY = '*';

/** Find a tool by a sentence, a server or its risk; see it, and try it. */
export function ToolsPage() {
  const { t } = useTranslationRef(toolsTranslationRef);
  const toolsApi = useApi(toolsApiRef);
  const [state, update] = useUrlState(STATE);
  const question = useSettled(state.q.trim());

  const servers = useLoad('servers', signal =>
    toolsApi.listServers({ limit: 100 }, { signal }),
  );
  const tools = usePages<ToolSummary>(
    JSON.stringify([question, state.server, state.risk]),
    (cursor, signal) =>
      toolsApi.listTools(
        {
          limit: 100,
          ...(cursor ? { cursor } : {}),
          ...(question ? { q: question } : {}),
          ...(state.server ? { server: state.server } : {}),
          ...(state.risk
            ? { riskTier: state.risk as ToolSummary['riskTier'] }
            : {}),
        },
        { signal },
      ),
  );

  const reload = () => {
    servers.reload();
    tools.reload();
  };
  const filtered = Boolean(question || state.server || state.risk);
  const selected = state.tool || tools.items[0]?.name;

  return (
    <Container className={styles.page}>
      {/* When nothing answers, one panel says so. */}
      {!(servers.error && tools.error) && (
        <ServerStrip
          servers={servers}
          selected={state.server}
          onSelect={server => update({ server, tool: '' })}
        />
      )}
      <div className={styles.filters}>
        <SearchField
          className={styles.search}
          aria-label={t('toolsPage.findATool')}
          placeholder={t('toolsPage.findAToolThatFor')}
          value={state.q}
          onChange={q => update({ q, tool: '' }, { replace: true })}
        />
        <Select
          aria-label={t('toolsPage.risk')}
          className={styles.risk}
          value={state.risk || EVERY}
          onChange={key =>
            update({ risk: key === EVERY ? '' : String(key), tool: '' })
          }
          options={[
            { value: EVERY, label: t('toolsPage.anyRisk') },
            ...RISK_TIERS.map(tier => ({
              value: tier,
              label: tier[0].toUpperCase() + tier.slice(1),
            })),
          ]}
        />
        <Text color="secondary" aria-live="polite" className={styles.count}>
          {tools.totalItems === undefined
            ? ''
            : t('toolsPage.tools', { count: tools.totalItems })}
        </Text>
        <RefreshServers onRefreshed={reload} />
      </div>

      {tools.error && tools.items.length === 0 && (
        <ErrorPanel
          title={t('toolsPage.theToolsCouldNotBe')}
          error={tools.error}
          safe={t('toolsPage.nothingWasChangedAndAgents')}
          onRetry={reload}
        />
      )}
      {tools.isPending && (
        <div className={styles.columns}>
          <div className={styles.frame}>
            <RowsSkeleton rows={9} rowHeight={72} />
          </div>
          <div className={`${styles.frame} ${styles.wideOnly}`}>
            <LinesSkeleton lines={9} />
          </div>
        </div>
      )}
      {!tools.isPending && !tools.error && tools.items.length === 0 && (
        <EmptyHint
          title={
            filtered
              ? t('toolsPage.noToolFits')
              : t('toolsPage.thereAreNoToolsYet')
          }
          actions={
            filtered && (
              <Button
                variant="secondary"
                onPress={() =>
                  update({ q: '', server: '', risk: '', tool: '' })
                }
              >
                {t('toolsPage.clearSearchAndFilters')}
              </Button>
            )
          }
        >
          {filtered
            ? t('toolsPage.sayWhatTheToolShould')
            : t('toolsPage.registerAnMcpServerAs')}
        </EmptyHint>
      )}
      {tools.items.length > 0 && (
        <div className={styles.columns} data-detail={Boolean(state.tool)}>
          <div className={styles.list}>
            <ToolList
              tools={tools.items}
              servers={servers.value?.items ?? []}
              ranked={Boolean(question)}
              selected={selected}
              reveal={state.tool}
              onSelect={tool => update({ tool })}
            />
            {tools.hasMore && (
              <Button
                variant="secondary"
                isPending={tools.isLoadingMore}
                onPress={tools.loadMore}
              >
                {t('toolsPage.showMoreTools')}
              </Button>
            )}
          </div>
          <div className={styles.detail}>
            {selected && (
              <ToolDetail
                key={selected}
                name={selected}
                onBack={() => update({ tool: '' })}
              />
            )}
          </div>
        </div>
      )}
    </Container>
  );
}
