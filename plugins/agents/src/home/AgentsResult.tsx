import type { AgentSummary } from '@agentportal/plugin-agents-common';
import {
  CardSkeleton,
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  type Pages,
} from '@agentportal/plugin-agents-react';
import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, ButtonLink } from '@backstage/ui';
import { RiRobot2Line } from '@remixicon/react';
import { agentsTranslationRef, type AgentsTranslation } from '../translation';
import { createAgentRouteRef } from '../routes';
import { AgentCard } from './AgentCard';
import { AgentsTable, type AgentSection } from './AgentsTable';
import { useActivity, type Activity } from './useActivity';
import styles from './AgentsPage.module.css';

function CardSection(props: { section: AgentSection; activity: Activity }) {
  const { section, activity } = props;
  const { t } = useTranslationRef(agentsTranslationRef);
  return (
    <section aria-label={section.title ?? t('page.title')}>
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
function sectionsOf(
  agents: readonly AgentSummary[],
  t: AgentsTranslation,
): AgentSection[] {
  const mine = agents.filter(agent => agent.mine);
  const others = agents.filter(agent => !agent.mine);
  if (mine.length === 0) {
    return [{ agents: others }];
  }
  return [
    { title: t('agentsResult.yours'), agents: mine },
    { title: t('agentsResult.others'), agents: others },
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
  const { t } = useTranslationRef(agentsTranslationRef);
  const createRoute = useRouteRef(createAgentRouteRef);
  if (props.isFiltered) {
    return (
      <EmptyHint
        title={t('agentsResult.noAgentMatches')}
        actions={
          <Button variant="secondary" onPress={props.onClear}>
            {t('agentsResult.clearSearchAndFilters')}
          </Button>
        }
      >
        {t('agentsResult.tryFewerWordsOrTake')}
      </EmptyHint>
    );
  }
  return (
    <EmptyHint
      icon={<RiRobot2Line size={40} />}
      title={t('agentsResult.noAgentsYet')}
      actions={
        createRoute && (
          <ButtonLink href={createRoute()} variant="primary">
            {t('agentsResult.createTheFirstAgent')}
          </ButtonLink>
        )
      }
    >
      {t('agentsResult.createOneFromAGolden')}
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
  const { t } = useTranslationRef(agentsTranslationRef);
  const { pages, view, isFiltered, onClear } = props;
  const { items } = pages;
  const activity = useActivity(items.map(({ ref }) => ref));
  const sections = sectionsOf(items, t);

  let content = <Skeletons view={view} />;
  if (pages.error && items.length === 0) {
    content = (
      <ErrorPanel
        title={t('agentsResult.theAgentsCouldNotBe')}
        error={pages.error}
        safe={t('agentsResult.nothingWasChangedAgentsKeep')}
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
          title={t('agentsResult.moreAgentsCouldNotBe')}
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
            {t('agentsResult.loadMore')}
          </Button>
          <span className={styles.moreCount}>
            {t('agentsResult.shown', {
              shown: String(items.length),
              total: String(pages.totalItems),
            })}
          </span>
        </div>
      )}
    </div>
  );
}
