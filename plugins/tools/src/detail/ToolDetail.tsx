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
import { useApi } from '@backstage/frontend-plugin-api';
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
import { TryTool } from '../tryIt/TryTool';
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
  const toolsApi = useApi(toolsApiRef);
  // The list holds neither schemas nor figures.
  const loaded = useLoad(props.name, signal =>
    toolsApi.getTool(props.name, { signal }),
  );
  const tool = loaded.value;

  if (loaded.error && !tool) {
    return (
      <ErrorPanel
        title={`The tool ${props.name} could not be read`}
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
            All tools
          </Button>
        </div>
        {tool ? <ToolFacts tool={tool} /> : <LinesSkeleton lines={8} />}
      </BgProvider>
    </article>
  );
}

function ToolFacts({ tool }: { tool: Tool }) {
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
          <CopyButton text={tool.name} what="the name" />
        </div>
        <ToolDescription text={tool.description} />
      </header>

      {tool.status !== 'available' && (
        <Alert
          status="warning"
          icon
          title={
            tool.status === 'stale'
              ? 'Its server does not answer'
              : 'It cannot be used'
          }
          description={
            tool.statusReason ??
            'What you see is what it last said. Calls fail until it is back.'
          }
        />
      )}
      {!tool.allowed && (
        <Alert
          status="info"
          icon
          title="You may not call this tool"
          description={tool.deniedReason}
        />
      )}

      <div className={styles.tabs}>
        <Tabs>
          <TabList>
            <Tab id="about">About</Tab>
            <Tab id="try">Try it</Tab>
            <Tab id="arguments">Arguments and result</Tab>
          </TabList>
          <TabPanel id="about">
            <dl className={styles.facts}>
              <Fact term="What it may do">{riskSentence(tool)}</Fact>
              <Fact term="Served by">
                <EntityLink entityRef={tool.serverRef} />
              </Fact>
              <Fact term="Owner">
                <EntityLink entityRef={tool.ownerRef} />
              </Fact>
              <Fact term="In the catalog">
                <EntityLink entityRef={tool.ref} />
              </Fact>
              <Fact term="Last 30 days">{usageSentence(tool)}</Fact>
              <Fact term="Status">
                <StatusMark status={tool.status} />
                {', seen '}
                <RelativeTime value={tool.lastSeenAt} />
                {', changed '}
                <RelativeTime value={tool.lastChangedAt} />
              </Fact>
              <Fact term="Agents that may use it">
                <ToolUsers toolRef={tool.ref} />
              </Fact>
            </dl>
          </TabPanel>
          <TabPanel id="try">
            <TryTool tool={tool} />
          </TabPanel>
          <TabPanel id="arguments">
            <ToolSchema title="Arguments" schema={tool.inputSchema} />
            {tool.outputSchema && (
              <ToolSchema title="Result" schema={tool.outputSchema} />
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

function usageSentence({ stats30d }: Tool) {
  const rehearsed = stats30d.rehearsed
    ? `, ${stats30d.rehearsed} rehearsed`
    : '';
  if (stats30d.calls === 0) return `Not called yet${rehearsed}`;
  const calls = stats30d.calls === 1 ? '1 call' : `${stats30d.calls} calls`;
  const good = Math.round(
    (100 * (stats30d.calls - stats30d.errors)) / stats30d.calls,
  );
  const median =
    stats30d.medianDurationMs === undefined
      ? ''
      : `, half of them within ${formatDuration(stats30d.medianDurationMs)}`;
  return `${calls}, ${good} % succeeded${median}${rehearsed}`;
}
