import type {
  CaseChange,
  ComparedCase,
  Comparison,
} from '@agentportal/plugin-evals-common';
import {
  ComparedWords,
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  StatusMark,
  compareWords,
  formatCount,
  usePages,
  useUrlState,
  type StatusTone,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import { useMemo } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { OutcomeMark, Unfolding } from '../evaluations/ResultList';
import { TrialChecks, TrialFacts, callWords } from '../evaluations/TrialView';
import { useReloadOn } from '../evaluations/useReloadOn';
import { Section } from '../layout/Section';
import caseStyles from '../evaluations/evaluations.module.css';
import styles from './comparison.module.css';

const PAGE_SIZE = 50;
const STATE = { change: '', case: '' } as const;

const CHANGES: Record<CaseChange, { label: string; tone: StatusTone }> = {
  worse: { label: 'Worse', tone: 'bad' },
  better: { label: 'Better', tone: 'good' },
  same: { label: 'Same', tone: 'off' },
};

/** A text of both, with the words marked that only one of them has. */
function BothTexts(props: { what: string; before: string; after: string }) {
  const { after, before, what } = props;
  const stretches = useMemo(() => compareWords(before, after), [after, before]);
  if (!before && !after) {
    return null;
  }
  return (
    <div>
      <h4 className={caseStyles.partTitle}>
        {what}
        {before === after && ', the same in both'}
      </h4>
      <div className={styles.columns}>
        <ComparedWords
          title={`${what} before`}
          side="left"
          stretches={stretches}
        />
        <ComparedWords
          title={`${what} now`}
          side="right"
          stretches={stretches}
        />
      </div>
    </div>
  );
}

function Details({ compared }: { compared: ComparedCase }) {
  const { baseline, candidate } = compared;
  return (
    <>
      <BothTexts
        what="Answer"
        before={baseline.answer}
        after={candidate.answer}
      />
      <BothTexts
        what="Calls"
        before={callWords(baseline)}
        after={callWords(candidate)}
      />
      <div className={styles.columns}>
        {[baseline, candidate].map((trial, index) => (
          <div key={index === 0 ? 'before' : 'now'}>
            <h4 className={caseStyles.partTitle}>
              Checks {index === 0 ? 'before' : 'now'}{' '}
              <OutcomeMark outcome={trial.outcome} />
            </h4>
            <TrialChecks trial={trial} />
            <TrialFacts trial={trial} />
          </div>
        ))}
      </div>
    </>
  );
}

/** The cases of both, those that became worse first. */
export function ComparedCases(props: {
  id: string;
  baselineId: string;
  counts: Comparison['cases'];
  /** Changes when more has been judged. */
  done: number;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { baselineId, counts, done, id } = props;
  const api = useApi(evalsApiRef);
  const [state, update] = useUrlState(STATE);
  const change =
    state.change in CHANGES ? (state.change as CaseChange) : undefined;
  const pages = usePages<ComparedCase>(
    JSON.stringify([id, baselineId, change]),
    (cursor, signal) =>
      api.listComparedCases(
        id,
        {
          baselineId,
          ...(change && { change }),
          limit: PAGE_SIZE,
          cursor,
        },
        { signal },
      ),
  );
  const { error, items, reload } = pages;
  useReloadOn(done, pages, PAGE_SIZE);
  let content = <RowsSkeleton rows={6} />;
  if (error && items.length === 0) {
    content = (
      <ErrorPanel
        title={t('comparedCases.theCasesCouldNotBe')}
        error={error}
        onRetry={reload}
      />
    );
  } else if (!pages.isPending && items.length === 0) {
    content = (
      <EmptyHint title={t('comparedCases.noCaseIsLikeThat')} compact>
        {change
          ? 'Choose another one above.'
          : 'Cases appear here when both versions have answered them.'}
      </EmptyHint>
    );
  } else if (!pages.isPending) {
    content = (
      <ul className={caseStyles.cases}>
        {items.map(compared => (
          <Unfolding
            key={compared.caseId}
            isOpen={state.case === compared.caseId}
            onToggle={isOpen =>
              update({ case: isOpen ? compared.caseId : '' }, { replace: true })
            }
            summary={
              <>
                <StatusMark
                  status={compared.change}
                  {...CHANGES[compared.change]}
                />
                <span className={caseStyles.ask}>{compared.ask}</span>
                <code className={caseStyles.caseId}>{compared.caseId}</code>
              </>
            }
          >
            <Details compared={compared} />
          </Unfolding>
        ))}
      </ul>
    );
  }
  return (
    <Section
      title={t('comparedCases.cases')}
      actions={
        <ToggleButtonGroup
          aria-label={t('comparedCases.change')}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[change ?? 'all']}
          onSelectionChange={keys => {
            const [key] = [...keys];
            update({ change: key === 'all' ? '' : String(key), case: '' });
          }}
        >
          <ToggleButton id="all" size="small">
            All {formatCount(counts.paired)}
          </ToggleButton>
          {(Object.keys(CHANGES) as CaseChange[]).map(key => (
            <ToggleButton key={key} id={key} size="small">
              {CHANGES[key].label} {formatCount(counts[key])}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      }
    >
      {content}
      {pages.hasMore && (
        <Button
          variant="secondary"
          isPending={pages.isLoadingMore}
          onPress={pages.loadMore}
        >
          {t('comparedCases.showMore')}
        </Button>
      )}
    </Section>
  );
}
