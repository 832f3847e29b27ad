import {
  CopyButton,
  EntityLink,
  ErrorPanel,
  LinesSkeleton,
  RelativeTime,
  RiskBadge,
  StatusMark,
  formatDuration,
  useLoad,
} from '@agentportal/plugin-agents-react';
import type { Tool } from '@agentportal/plugin-tools-common';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Alert,
  BgProvider,
  Button,
  Tab,
  TabList,
  TabPanel,
  Tabs,
  Text,
} from '@backstage/ui';
import { RiArrowLeftLine } from '@remixicon/react';
import type { ReactNode } from 'react';
import { toolsApiRef } from '../api/toolsApiRef';
import { toolsTranslationRef } from '../translation';
import type { ToolsTranslation } from '../translation';
import { TryTool } from '../tryIt/TryTool';
import { ToolChanges } from './ToolChanges';
import { ToolDescription } from './ToolDescription';
import { ToolSchema } from './ToolSchema';
import { ToolUsers } from './ToolUsers';
import { riskSentence } from './riskSentence';
import styles from './ToolDetail.module.css';

interface ToolDetailProps {
  name: string;
  onBack(): void;
}

/** One tool: what it does, what it may do to the world, who uses it; and a form to try it. */
export function ToolDetail(props: ToolDetailProps) {
  const { t } = useTranslationRef(toolsTranslationRef);
  const toolsApi = useApi(toolsApiRef);
  // The list holds neither schemas nor figures.
  const loaded = useLoad(props.name, signal =>
    toolsApi.getTool(props.name, { signal }),
  );
  const tool = loaded.value;

  if (loaded.error && !tool) {
    return (
      <ErrorPanel
        title={t('toolDetail.theToolCouldNotBe', { name: props.name })}
        error={loaded.error}
        onRetry={loaded.reload}
      />
    );
  }
  return (
    <article className={styles.card} aria-label={tool?.title ?? props.name}>
      {/* Fields and buttons stand out from the card as they do from the page. */}
      <BgProvider bg="neutral-1">
        <div className={styles.back}>
          <Button
            variant="tertiary"
            size="small"
            iconStart={<RiArrowLeftLine />}
            onPress={props.onBack}
          >
            {t('toolDetail.allTools')}
          </Button>
        </div>
        {tool ? (
          <ToolFacts tool={tool} onChanged={loaded.reload} />
        ) : (
          <LinesSkeleton lines={8} />
        )}
      </BgProvider>
    </article>
  );
}

function ToolFacts({ tool, onChanged }: { tool: Tool; onChanged(): void }) {
  const { t } = useTranslationRef(toolsTranslationRef);
  return (
    <>
      <header className={styles.header}>
        <div className={styles.titleRow}>
          <Text as="h2" variant="title-small">
            {tool.title}
          </Text>
          <RiskBadge tier={tool.riskTier} />
        </div>
        <div className={styles.nameRow}>
          <code className={styles.name}>{tool.name}</code>
          <CopyButton text={tool.name} what={t('toolDetail.theName')} />
        </div>
        <ToolDescription text={tool.description} />
      </header>

      {tool.status !== 'available' && (
        <Alert
          status="warning"
          icon
          title={
            {
              stale: t('toolDetail.itsServerDoesNotAnswer'),
              held: t('toolDetail.itIsHeldBack'),
              invalid: t('toolDetail.itCannotBeUsed'),
            }[tool.status]
          }
          description={tool.statusReason ?? t('toolDetail.whatYouSeeIsWhat')}
        />
      )}
      {!tool.allowed && tool.status !== 'held' && (
        <Alert
          status="info"
          icon
          title={t('toolDetail.youMayNotCallThis')}
          description={tool.deniedReason}
        />
      )}

      <div className={styles.tabs}>
        <Tabs defaultSelectedKey={tool.status === 'held' ? 'changes' : 'about'}>
          <TabList>
            <Tab id="about">{t('toolDetail.about')}</Tab>
            <Tab id="try">{t('toolDetail.tryIt')}</Tab>
            <Tab id="arguments">{t('toolDetail.argumentsAndResult')}</Tab>
            <Tab id="changes">{t('toolChanges.tab')}</Tab>
          </TabList>
          <TabPanel id="about">
            <dl className={styles.facts}>
              <Fact term={t('toolDetail.whatItMayDo')}>
                {riskSentence(tool, t)}
              </Fact>
              <Fact term={t('toolDetail.servedBy')}>
                <EntityLink entityRef={tool.serverRef} />
              </Fact>
              <Fact term={t('toolDetail.owner')}>
                <EntityLink entityRef={tool.ownerRef} />
              </Fact>
              <Fact term={t('toolDetail.inTheCatalog')}>
                <EntityLink entityRef={tool.ref} />
              </Fact>
              <Fact term={t('toolDetail.last30Days')}>
                {usageSentence(tool, t)}
              </Fact>
              <Fact term={t('toolDetail.status')}>
                {t('toolDetail.statusSince', {
                  status: <StatusMark status={tool.status} />,
                  lastSeenAt: <RelativeTime value={tool.lastSeenAt} />,
                  lastChangedAt: <RelativeTime value={tool.lastChangedAt} />,
                })}
              </Fact>
              <Fact term={t('toolDetail.agentsThatMayUseIt')}>
                <ToolUsers toolRef={tool.ref} />
              </Fact>
            </dl>
          </TabPanel>
          <TabPanel id="try">
            <TryTool tool={tool} />
          </TabPanel>
          <TabPanel id="changes">
            <ToolChanges toolName={tool.name} onDecided={onChanged} />
          </TabPanel>
          <TabPanel id="arguments">
            <ToolSchema
              title={t('toolDetail.arguments')}
              schema={tool.inputSchema}
            />
            {tool.outputSchema && (
              <ToolSchema
                title={t('toolDetail.result')}
                schema={tool.outputSchema}
              />
            )}
          </TabPanel>
        </Tabs>
      </div>
    </>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </>
  );
}

function usageSentence({ stats30d }: Tool, t: ToolsTranslation) {
  const { calls, errors, rehearsed, medianDurationMs } = stats30d;
  const facts: string[] =
    calls === 0
      ? [t('usage.none')]
      : [
          t('usage.calls', { count: calls }),
          t('usage.succeeded', {
            percent: String(Math.round((100 * (calls - errors)) / calls)),
          }),
        ];
  if (calls > 0 && medianDurationMs !== undefined) {
    facts.push(
      t('usage.median', { duration: formatDuration(medianDurationMs) }),
    );
  }
  if (rehearsed) facts.push(t('usage.rehearsed', { times: String(rehearsed) }));
  return facts.join(t('usage.and'));
}
