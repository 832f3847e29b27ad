import {
  ComparedWords,
  EmptyHint,
  ErrorPanel,
  RowTable,
  RowsSkeleton,
  compareWords,
  formatCount,
  formatDuration,
  formatNanoUsd,
  nameOfRef,
  useLoad,
  useUrlState,
  type Stretch,
} from '@agentportal/plugin-agents-react';
import type { Run } from '@agentportal/plugin-orchestration-common';
import {
  BreadcrumbEntry,
  RouterLink,
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, Container } from '@backstage/ui';
import { RiArrowLeftRightLine } from '@remixicon/react';
import { useEffect, useMemo } from 'react';
import { orchestrationApiRef } from '../api';
import { compareRouteRef, rootRouteRef, runRouteRef } from '../routes';
import { RunStatusMark } from '../run/RunStatusMark';
import { stepTitle } from '../run/stepWords';
import { isFinal } from '../run/useRun';
import {
  type OrchestrationTranslation,
  orchestrationTranslationRef,
} from '../translation';
import { CompareSteps } from './CompareSteps';
import styles from './compare.module.css';

const COMPARE_STATE = { left: '', right: '' } as const;
const LOOK_AGAIN_MS = 3_000;

function signed(
  value: number,
  format: (value: number) => string,
  t: OrchestrationTranslation,
): string {
  if (value === 0) {
    return t('comparePage.theSame');
  }
  return `${value > 0 ? '+' : '−'}${format(Math.abs(value))}`;
}

/** The models that answered, each as what it was asked for, and how often if there are several. */
function modelsOf({ steps }: Run, t: OrchestrationTranslation): string {
  const calls = Map.groupBy(
    steps.filter(({ kind }) => kind === 'model'),
    ({ modelId, name }) =>
      modelId && modelId !== name
        ? t('comparePage.modelAs', { modelId, name: nameOfRef(name) })
        : nameOfRef(name),
  );
  return (
    [...calls]
      .map(([model, { length }]) =>
        calls.size > 1 ? `${model} (${length})` : model,
      )
      .join(', ') || '–'
  );
}

/** Numbers of both runs, and what is more or less on the right. */
function Facts({ left, right }: { left: Run; right: Run }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const bothEnded = isFinal(left) && isFinal(right);
  const number = (
    label: string,
    of: (run: Run) => number | undefined,
    format: (value: number) => string,
  ) => {
    const [a, b] = [of(left), of(right)];
    return {
      label,
      left: a === undefined ? '–' : format(a),
      right: b === undefined ? '–' : format(b),
      // What is still under way has no sums to compare.
      change:
        bothEnded && a !== undefined && b !== undefined
          ? signed(b - a, format, t)
          : '',
    };
  };
  const [a, b] = [modelsOf(left, t), modelsOf(right, t)];
  const rows = [
    {
      label: t('comparePage.model'),
      left: a,
      right: b,
      change: a === b ? t('comparePage.theSame') : t('comparePage.notTheSame'),
    },
    number(t('comparePage.duration'), run => run.durationMs, formatDuration),
    number(t('comparePage.cost'), run => run.usage.costNanoUsd, formatNanoUsd),
    number(
      t('comparePage.tokens'),
      ({ usage }) => usage.inputTokens + usage.outputTokens,
      formatCount,
    ),
    number(
      t('comparePage.modelCalls'),
      ({ usage }) => usage.modelCalls,
      formatCount,
    ),
    number(
      t('comparePage.toolCalls'),
      ({ usage }) => usage.toolCalls,
      formatCount,
    ),
  ];
  return (
    <RowTable
      columns={[
        { label: t('comparePage.what'), isUnseen: true },
        { label: t('comparePage.left') },
        { label: t('comparePage.right') },
        { label: t('comparePage.change') },
      ]}
      isFramed
    >
      {rows.map(row => (
        <tr key={row.label}>
          <th scope="row">{row.label}</th>
          <td>{row.left}</td>
          <td>{row.right}</td>
          <td className={styles.quiet}>{row.change}</td>
        </tr>
      ))}
    </RowTable>
  );
}

function answerOf(run: Run, t: OrchestrationTranslation): string {
  const none = isFinal(run)
    ? t('comparePage.noAnswer')
    : t('comparePage.notYet');
  return run.output?.message ?? run.error?.message ?? none;
}

function whole(run: Run, t: OrchestrationTranslation): Stretch[] {
  return [{ side: 'both', text: answerOf(run, t) }];
}

function RunHead({ run, side }: { run: Run; side: string }) {
  const runRoute = useRouteRef(runRouteRef);
  return (
    <header className={styles.head}>
      <span className={styles.quiet}>{side}</span>
      <RouterLink href={runRoute?.({ id: run.id }) ?? ''}>
        {run.input.message}
      </RouterLink>
      <RunStatusMark run={run} />
    </header>
  );
}

/** Which of the two repeats the other, from where, and with what. */
function Repeats({ left, right }: { left: Run; right: Run }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const isRight = right.forkedFrom?.runId === left.id;
  const [fork, source] = isRight ? [right, left] : [left, right];
  const { forkedFrom } = fork;
  if (forkedFrom?.runId !== source.id) {
    return null;
  }
  const from = source.steps.find(({ index }) => index === forkedFrom.step);
  let where: string = t('comparePage.fromTheStart');
  if (forkedFrom.step !== undefined) {
    const step = String(forkedFrom.step + 1);
    where = from
      ? t('comparePage.fromStepOf', { step, title: stepTitle(from) })
      : t('comparePage.fromStep', { step });
  }
  if (forkedFrom.model) {
    where += t('comparePage.withForAllAgentsThat', {
      model: nameOfRef(forkedFrom.model),
    });
  }
  return (
    <p className={styles.quiet}>
      {isRight
        ? t('comparePage.rightRepeatsLeft', { where })
        : t('comparePage.leftRepeatsRight', { where })}
    </p>
  );
}

function Comparison({ left, right }: { left: Run; right: Run }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const bothEnded = isFinal(left) && isFinal(right);
  const answers = useMemo(
    () =>
      bothEnded
        ? compareWords(answerOf(left, t), answerOf(right, t))
        : undefined,
    [bothEnded, left, right, t],
  );
  const questions = useMemo(
    () => compareWords(left.input.message, right.input.message),
    [left, right],
  );
  return (
    <>
      <div className={styles.columns}>
        <RunHead run={left} side={t('comparePage.left')} />
        <RunHead run={right} side={t('comparePage.right')} />
      </div>
      <Repeats left={left} right={right} />
      <Facts left={left} right={right} />
      {left.input.message !== right.input.message && (
        <>
          <h3 className={styles.title}>{t('comparePage.question')}</h3>
          <div className={styles.columns}>
            <ComparedWords
              title={t('comparePage.questionLeft')}
              side="left"
              stretches={questions}
            />
            <ComparedWords
              title={t('comparePage.questionRight')}
              side="right"
              stretches={questions}
            />
          </div>
        </>
      )}
      <h3 className={styles.title}>{t('comparePage.answer')}</h3>
      {bothEnded && answerOf(left, t) === answerOf(right, t) && (
        <p className={styles.quiet}>{t('comparePage.bothGaveTheSameAnswer')}</p>
      )}
      {!bothEnded && (
        <p className={styles.quiet}>{t('comparePage.theyAreComparedWordBy')}</p>
      )}
      <div className={styles.columns}>
        <ComparedWords
          title={t('comparePage.answerLeft')}
          side="left"
          stretches={answers ?? whole(left, t)}
        />
        <ComparedWords
          title={t('comparePage.answerRight')}
          side="right"
          stretches={answers ?? whole(right, t)}
        />
      </div>
      <CompareSteps left={left} right={right} />
    </>
  );
}

/** Two runs side by side: what they answered, what it took, and where they went other ways. */
export function ComparePage() {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const api = useApi(orchestrationApiRef);
  const runsRoute = useRouteRef(rootRouteRef);
  const compareRoute = useRouteRef(compareRouteRef);
  const [{ left, right }, update] = useUrlState(COMPARE_STATE);
  const runs = useLoad(left && right ? `${left} ${right}` : undefined, signal =>
    Promise.all([left, right].map(id => api.getRun(id, { signal }))),
  );
  const { value, isPending, reload } = runs;
  const isWaiting = !isPending && value?.some(run => !isFinal(run));
  useEffect(() => {
    const timer = isWaiting ? setTimeout(reload, LOOK_AGAIN_MS) : undefined;
    return () => clearTimeout(timer);
  }, [isWaiting, reload]);
  const allRuns = runsRoute && (
    <RouterLink href={runsRoute()}>{t('comparePage.allRuns')}</RouterLink>
  );
  let content = <RowsSkeleton rows={8} rowHeight={36} />;
  if (!left || !right) {
    content = (
      <EmptyHint title={t('comparePage.chooseTwoRuns')} actions={allRuns}>
        {t('comparePage.markTwoOfThemIn')}
      </EmptyHint>
    );
  } else if (runs.error) {
    content = (
      <ErrorPanel
        title={t('comparePage.theRunsCouldNotBe')}
        error={runs.error}
        onRetry={runs.reload}
        actions={allRuns}
      />
    );
  } else if (runs.value) {
    content = <Comparison left={runs.value[0]} right={runs.value[1]} />;
  }
  return (
    <BreadcrumbEntry
      entry={{
        label: t('comparePage.twoRunsCompared'),
        href: compareRoute?.() ?? '',
      }}
    >
      <Container className={styles.page}>
        <div className={styles.sectionHead}>
          <h2 className={styles.pageTitle}>
            {t('comparePage.twoRunsCompared')}
          </h2>
          {runs.value && (
            <Button
              variant="secondary"
              iconStart={<RiArrowLeftRightLine />}
              onPress={() => update({ left: right, right: left })}
            >
              {t('comparePage.swap')}
            </Button>
          )}
        </div>
        {content}
      </Container>
    </BreadcrumbEntry>
  );
}
