import type {
  CaseOutcome,
  CaseResult,
  Evaluation,
} from '@agentportal/plugin-evals-common';
import {
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  StatusMark,
  formatCount,
  usePages,
  useUrlState,
  type StatusTone,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import type { ReactNode } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { Section } from '../layout/Section';
import { TrialView } from './TrialView';
import { useReloadOn } from './useReloadOn';
import layout from '../layout/layout.module.css';
import styles from './evaluations.module.css';

const PAGE_SIZE = 50;
const STATE = { outcome: '', case: '' } as const;

const OUTCOMES: Record<CaseOutcome, { label: string; tone: StatusTone }> = {
  failed: { label: 'Wrong', tone: 'bad' },
  passed: { label: 'Right', tone: 'good' },
  incomplete: { label: 'Not judged', tone: 'attention' },
  waiting: { label: 'Waits', tone: 'waiting' },
};

/** What became of a case, as a word and a shape. */
export function OutcomeMark({ outcome }: { outcome: CaseOutcome }) {
  return <StatusMark status={outcome} {...OUTCOMES[outcome]} />;
}

/** Opens what is chosen in the address, and keeps there what is opened. */
export function Unfolding(props: {
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
  summary: ReactNode;
  children: ReactNode;
}) {
  const { isOpen } = props;
  return (
    <li className={styles.case}>
      <button
        type="button"
        className={styles.caseHead}
        aria-expanded={isOpen}
        onClick={() => props.onToggle(!isOpen)}
      >
        {props.summary}
      </button>
      {isOpen && <div className={styles.caseBody}>{props.children}</div>}
    </li>
  );
}

function Trials({ result }: { result: CaseResult }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  if (result.trials.length === 0) {
    return <p className={layout.quiet}>{t('resultList.itHasNotBeenAsked')}</p>;
  }
  return (
    <>
      {result.trials.map((trial, index) => (
        <TrialView
          // Trials are never reordered.
          // eslint-disable-next-line react/no-array-index-key
          key={index}
          title={
            result.trials.length > 1 ? `Asked for the ${index + 1}. time` : ''
          }
          trial={trial}
        />
      ))}
    </>
  );
}

/** Each case with its outcome, and with answer, calls and checks when it is opened. */
export function ResultList(props: { evaluation: Evaluation; done: number }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { done, evaluation } = props;
  const { counts, id } = evaluation;
  const api = useApi(evalsApiRef);
  const [state, update] = useUrlState(STATE);
  const outcome =
    state.outcome in OUTCOMES ? (state.outcome as CaseOutcome) : undefined;
  const pages = usePages<CaseResult>(
    JSON.stringify([id, outcome]),
    (cursor, signal) =>
      api.listResults(
        id,
        { ...(outcome && { outcome }), limit: PAGE_SIZE, cursor },
        { signal },
      ),
  );
  const { error, items, reload } = pages;
  useReloadOn(done, pages, PAGE_SIZE);
  let content = <RowsSkeleton rows={6} />;
  if (error && items.length === 0) {
    content = (
      <ErrorPanel
        title={t('resultList.theCasesCouldNotBe')}
        error={error}
        onRetry={reload}
      />
    );
  } else if (!pages.isPending && items.length === 0) {
    content = (
      <EmptyHint title={t('resultList.noCaseHasThisOutcome')} compact>
        {t('resultList.chooseAnotherOneAbove')}
      </EmptyHint>
    );
  } else if (!pages.isPending) {
    content = (
      <ul className={styles.cases}>
        {items.map(result => (
          <Unfolding
            key={result.caseId}
            isOpen={state.case === result.caseId}
            onToggle={isOpen =>
              update({ case: isOpen ? result.caseId : '' }, { replace: true })
            }
            summary={
              <>
                <OutcomeMark outcome={result.outcome} />
                <span className={styles.ask}>{result.ask}</span>
                <code className={styles.caseId}>{result.caseId}</code>
              </>
            }
          >
            <Trials result={result} />
          </Unfolding>
        ))}
      </ul>
    );
  }
  return (
    <Section
      title={t('resultList.cases')}
      actions={
        <ToggleButtonGroup
          aria-label={t('resultList.outcome')}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[outcome ?? 'all']}
          onSelectionChange={keys => {
            const [key] = [...keys];
            update({ outcome: key === 'all' ? '' : String(key), case: '' });
          }}
        >
          <ToggleButton id="all" size="small">
            All {formatCount(counts.cases)}
          </ToggleButton>
          {(Object.keys(OUTCOMES) as CaseOutcome[])
            .filter(key => counts[key] > 0 || key === outcome)
            .map(key => (
              <ToggleButton key={key} id={key} size="small">
                {OUTCOMES[key].label} {formatCount(counts[key])}
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
          {t('resultList.showMore')}
        </Button>
      )}
    </Section>
  );
}
