import type { AgentSummary } from '@agentportal/plugin-agents-common';
import {
  CardSkeleton,
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  type Pages,
} from '@agentportal/plugin-agents-react';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Button, ButtonLink } from '@backstage/ui';
import { RiRobot2Line } from '@remixicon/react';
import { createAgentRouteRef } from '../routes';
import { AgentCard } from './AgentCard';
import { AgentsTable, type AgentSection } from './AgentsTable';
import { useActivity, type Activity } from './useActivity';
import styles from './AgentsPage.module.css';

function CardSection(props: { section: AgentSection; activity: Activity }) {
  const { section, activity } = props;
  return (
    <section aria-label={section.title ?? 'Agents'}>
      {section.title && (
        <h2 className={styles.sectionTitle}>{section.title}</h2>
      )}
      <div className={styles.cards}>
        {section.agents.map(agent => (
          <AgentCard key={agent.ref} agent={agent} activity={activity} />
        ))}
      </div>
    </section>
  );
}

/** One's own agents apart from those of others, when there are any. */
function sectionsOf(agents: readonly AgentSummary[]): AgentSection[] {
  const mine = agents.filter(agent => agent.mine);
  const others = agents.filter(agent => !agent.mine);
  if (mine.length === 0) {
    return [{ agents: others }];
  }
  return [
    { title: 'Yours', agents: mine },
    { title: 'Others', agents: others },
  ].filter(section => section.agents.length > 0);
}

function Skeletons({ view }: { view: string }) {
  if (view === 'table') {
    return <RowsSkeleton rows={10} rowHeight={56} />;
  }
  return (
    <div className={styles.cards}>
      {Array.from({ length: 9 }, (_, index) => (
        <CardSkeleton key={index} height={222} />
      ))}
    </div>
  );
}

function NothingFound(props: { isFiltered: boolean; onClear: () => void }) {
  const createRoute = useRouteRef(createAgentRouteRef);
  if (props.isFiltered) {
    return (
      <EmptyHint
        title="No agent matches"
        actions={
          <Button variant="secondary" onPress={props.onClear}>
            Clear search and filters
          </Button>
        }
      >
        Try fewer words, or take a filter away.
      </EmptyHint>
    );
  }
  return (
    <EmptyHint
      icon={<RiRobot2Line size={40} />}
      title="No agents yet"
      actions={
        createRoute && (
          <ButtonLink href={createRoute()} variant="primary">
            Create the first agent
          </ButtonLink>
        )
      }
    >
      Create one from a golden path, or register a repository that holds an
      entity of kind Agent.
    </EmptyHint>
  );
}

/** Cards or rows of what was found, one's own first. */
export function AgentsResult(props: {
  pages: Pages<AgentSummary>;
  view: string;
  isFiltered: boolean;
  onClear: () => void;
}) {
  const { pages, view, isFiltered, onClear } = props;
  const { items } = pages;
  const activity = useActivity(items.map(({ ref }) => ref));
  const sections = sectionsOf(items);

  let content = <Skeletons view={view} />;
  if (pages.error && items.length === 0) {
    content = (
      <ErrorPanel
        title="The agents could not be loaded"
        error={pages.error}
        safe="Nothing was changed; agents keep running."
        onRetry={pages.reload}
      />
    );
  } else if (!pages.isPending && items.length === 0) {
    content = <NothingFound isFiltered={isFiltered} onClear={onClear} />;
  } else if (!pages.isPending) {
    content =
      view === 'table' ? (
        <AgentsTable sections={sections} activity={activity} />
      ) : (
        <>
          {sections.map(section => (
            <CardSection
              key={section.title ?? 'all'}
              section={section}
              activity={activity}
            />
          ))}
        </>
      );
  }
  return (
    <div className={styles.result} aria-busy={pages.isPending}>
      {content}
      {pages.error && items.length > 0 && (
        <ErrorPanel
          title="More agents could not be loaded"
          error={pages.error}
          onRetry={pages.loadMore}
        />
      )}
      {pages.hasMore && (
        <div className={styles.more}>
          <Button
            variant="secondary"
            isPending={pages.isLoadingMore}
            onPress={pages.loadMore}
          >
            Load more
          </Button>
          <span className={styles.moreCount}>
            {items.length} of {pages.totalItems}
          </span>
        </div>
      )}
    </div>
  );
}
