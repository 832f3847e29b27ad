import type {
  Level,
  Scorecard,
  ScorecardCheck,
} from '@agentportal/plugin-evals-common';
import {
  EmptyHint,
  EntityLink,
  ErrorPanel,
  RowsSkeleton,
  formatCount,
  nameOfRef,
  usePages,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import { parseEntityRef } from '@backstage/catalog-model';
import {
  RouterLink,
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { Button, Container } from '@backstage/ui';
import { useRef } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { ChoiceFilter } from '../layout/ChoiceFilter';
import { CheckMark } from '../levels/CheckMark';
import { LEVELS, LevelMark, levelWord } from '../levels/LevelMark';
import { useOwners } from './useOwners';
import layout from '../layout/layout.module.css';
import styles from './portfolio.module.css';

const STATE = { owner: '', level: '' } as const;
const PAGE_SIZE = 50;

/** The checks that any of the agents has, from the lowest level on. */
function checksOf(scorecards: readonly Scorecard[]): ScorecardCheck[] {
  const all = scorecards.flatMap(({ checks }) => checks);
  const first = new Map(all.map(check => [check.id, check]));
  return [...first.values()].sort(
    (a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level),
  );
}

function ScorecardRow(props: {
  scorecard: Scorecard;
  columns: readonly ScorecardCheck[];
}) {
  const { columns, scorecard } = props;
  const { agentRef, checks, level, ownerRef, passed, total } = scorecard;
  const title = scorecard.title ?? nameOfRef(agentRef);
  const entityRoute = useRouteRef(entityRouteRef);
  const page = entityRoute?.(parseEntityRef(agentRef));
  return (
    <tr>
      <th scope="row" className={styles.agent}>
        <EntityLink entityRef={agentRef} title={title} withAvatar />
        {ownerRef && (
          <span className={`${layout.below} ${styles.owner}`}>
            <EntityLink entityRef={ownerRef} />
          </span>
        )}
      </th>
      <td>
        {page ? (
          <RouterLink href={`${page}/scorecard`}>
            <LevelMark level={level} />
          </RouterLink>
        ) : (
          <LevelMark level={level} />
        )}
        <span className={layout.below}>
          {formatCount(passed)} of {formatCount(total)}
        </span>
      </td>
      {columns.map(({ id, title: what }) => {
        const check = checks.find(each => each.id === id);
        if (!check) {
          return (
            <td key={id} className={styles.cell}>
              –
            </td>
          );
        }
        const mark = (
          <CheckMark
            status={check.status}
            iconOnly
            label={`${what}: ${check.sentence}`}
          />
        );
        return (
          <td key={id} className={styles.cell}>
            {page ? (
              <RouterLink
                href={`${page}/scorecard?check=${encodeURIComponent(id)}`}
              >
                {mark}
              </RouterLink>
            ) : (
              mark
            )}
          </td>
        );
      })}
    </tr>
  );
}

function Levels(props: {
  levels: Record<string, number>;
  chosen: string;
  onChoose: (level: string) => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { chosen, levels, onChoose } = props;
  return (
    <span
      className={styles.levels}
      role="group"
      aria-label={t('portfolioPage.level')}
    >
      {LEVELS.filter(level => levels[level] || level === chosen).map(level => (
        <button
          key={level}
          type="button"
          aria-pressed={level === chosen}
          onClick={() => onChoose(level === chosen ? '' : level)}
        >
          <LevelMark level={level} /> {formatCount(levels[level] ?? 0)}
        </button>
      ))}
    </span>
  );
}

/** All agents against all checks, the weakest first. */
export function PortfolioPage() {
  const { t } = useTranslationRef(evalsTranslationRef);
  const api = useApi(evalsApiRef);
  const [{ level, owner }, update] = useUrlState(STATE);
  // Counts of levels come with the first page and are of all agents of the owner.
  const levels = useRef<Record<string, number>>({});
  const pages = usePages<Scorecard>(
    JSON.stringify([level, owner]),
    async (cursor, signal) => {
      const page = await api.listScorecards(
        {
          ...(owner && { ownerRef: owner }),
          ...(LEVELS.includes(level as Level) && { level: level as Level }),
          limit: PAGE_SIZE,
          cursor,
        },
        { signal },
      );
      levels.current = page.levels ?? levels.current;
      return page;
    },
  );
  const owners = useOwners(pages.items.map(({ ownerRef }) => ownerRef));
  const { error, items } = pages;
  const columns = checksOf(items);
  const isFiltered = Boolean(level || owner);
  let content = <RowsSkeleton rows={10} />;
  if (error && items.length === 0) {
    content = (
      <ErrorPanel
        title={t('portfolioPage.theScorecardsCouldNotBe')}
        error={error}
        onRetry={pages.reload}
      />
    );
  } else if (!pages.isPending && items.length === 0) {
    content = isFiltered ? (
      <EmptyHint
        title={t('portfolioPage.noAgentMatches')}
        actions={
          <Button
            variant="secondary"
            onPress={() => update({ level: '', owner: '' })}
          >
            {t('portfolioPage.clearFilters')}
          </Button>
        }
      />
    ) : (
      <EmptyHint title={t('portfolioPage.noScorecardsYet')}>
        {t('portfolioPage.eachAgentOfTheCatalog')}
      </EmptyHint>
    );
  } else if (!pages.isPending) {
    content = (
      <div
        className={styles.frame}
        // Focusable, so that the keyboard can scroll it.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="group"
        aria-label={t('portfolioPage.agentsAndTheirChecks')}
      >
        <table className={styles.matrix}>
          <thead>
            <tr>
              <th scope="col">{t('portfolioPage.agent')}</th>
              <th scope="col">{t('portfolioPage.level')}</th>
              {columns.map(check => (
                <th key={check.id} scope="col" className={styles.column}>
                  <span title={`${levelWord(check.level)}: ${check.why}`}>
                    {check.title}
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map(scorecard => (
              <ScorecardRow
                key={scorecard.agentRef}
                scorecard={scorecard}
                columns={columns}
              />
            ))}
          </tbody>
        </table>
      </div>
    );
  }
  return (
    <Container className={layout.page}>
      <div className={layout.toolbar}>
        <ChoiceFilter
          label={t('portfolioPage.owner')}
          any="Any owner"
          choices={owners}
          value={owner}
          onChange={ref => update({ owner: ref })}
        />
        {!pages.isPending && (
          <Levels
            levels={levels.current}
            chosen={level}
            onChoose={next => update({ level: next })}
          />
        )}
      </div>
      {content}
      {pages.hasMore && (
        <div>
          <Button
            variant="secondary"
            isPending={pages.isLoadingMore}
            onPress={pages.loadMore}
          >
            {t('portfolioPage.showMore')}
          </Button>
        </div>
      )}
    </Container>
  );
}
