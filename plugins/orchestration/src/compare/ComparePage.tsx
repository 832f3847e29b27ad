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
} from '@backstage/frontend-plugin-api';
import { Button, Container } from '@backstage/ui';
import { RiArrowLeftRightLine } from '@remixicon/react';
import { useEffect, useMemo } from 'react';
import { orchestrationApiRef } from '../api';
import { compareRouteRef, rootRouteRef, runRouteRef } from '../routes';
import { RunStatusMark } from '../run/RunStatusMark';
import { stepTitle } from '../run/stepWords';
import { isFinal } from '../run/useRun';
import { CompareSteps } from './CompareSteps';
import styles from './compare.module.css';

const FACT_COLUMNS = [
  { label: 'What', isUnseen: true },
  { label: 'Left' },
  { label: 'Right' },
  { label: 'Change' },
];
const COMPARE_STATE = { left: '', right: '' } as const;
const LOOK_AGAIN_MS = 3_000;

function signed(value: number, format: (value: number) => string): string {
  if (value === 0) {
    return 'the same';
  }
  return `${value > 0 ? '+' : '−'}${format(Math.abs(value))}`;
}

/** The models that answered, each as what it was asked for, and how often if there are several. */
function modelsOf({ steps }: Run): string {
  const calls = Map.groupBy(
    steps.filter(({ kind }) => kind === 'model'),
    ({ modelId, name }) =>
      modelId && modelId !== name
        ? `${modelId} as ${nameOfRef(name)}`
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
          ? signed(b - a, format)
          : '',
    };
  };
  const [a, b] = [modelsOf(left), modelsOf(right)];
  const rows = [
    {
      label: 'Model',
      left: a,
      right: b,
      change: a === b ? 'the same' : 'not the same',
    },
    number('Duration', run => run.durationMs, formatDuration),
    number('Cost', run => run.usage.costNanoUsd, formatNanoUsd),
    number(
      'Tokens',
      ({ usage }) => usage.inputTokens + usage.outputTokens,
      formatCount,
    ),
    number('Model calls', ({ usage }) => usage.modelCalls, formatCount),
    number('Tool calls', ({ usage }) => usage.toolCalls, formatCount),
  ];
  return (
    <RowTable columns={FACT_COLUMNS} isFramed>
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

function answerOf(run: Run): string {
  const none = isFinal(run) ? 'No answer.' : 'It has not answered yet.';
  return run.output?.message ?? run.error?.message ?? none;
}

function whole(run: Run): Stretch[] {
  return [{ side: 'both', text: answerOf(run) }];
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
  const isRight = right.forkedFrom?.runId === left.id;
  const [fork, source] = isRight ? [right, left] : [left, right];
  const { forkedFrom } = fork;
  if (forkedFrom?.runId !== source.id) {
    return null;
  }
  const [repeating, repeated] = isRight ? ['right', 'left'] : ['left', 'right'];
  const from = source.steps.find(({ index }) => index === forkedFrom.step);
  let where = 'from the start';
  if (forkedFrom.step !== undefined) {
    where = `from step ${forkedFrom.step + 1}${
      from ? `, ${stepTitle(from)}` : ''
    }`;
  }
  return (
    <p className={styles.quiet}>
      The {repeating} run repeats the {repeated} one {where}
      {forkedFrom.model &&
        `, with ${nameOfRef(
          forkedFrom.model,
        )} for all agents that run in the portal`}
      .
    </p>
  );
}

function Comparison({ left, right }: { left: Run; right: Run }) {
  const bothEnded = isFinal(left) && isFinal(right);
  const answers = useMemo(
    () =>
      bothEnded ? compareWords(answerOf(left), answerOf(right)) : undefined,
    [bothEnded, left, right],
  );
  const questions = useMemo(
    () => compareWords(left.input.message, right.input.message),
    [left, right],
  );
  return (
    <>
      <div className={styles.columns}>
        <RunHead run={left} side="Left" />
        <RunHead run={right} side="Right" />
      </div>
      <Repeats left={left} right={right} />
      <Facts left={left} right={right} />
      {left.input.message !== right.input.message && (
        <>
          <h3 className={styles.title}>Question</h3>
          <div className={styles.columns}>
            <ComparedWords
              title="Question, left"
              side="left"
              stretches={questions}
            />
            <ComparedWords
              title="Question, right"
              side="right"
              stretches={questions}
            />
          </div>
        </>
      )}
      <h3 className={styles.title}>Answer</h3>
      {bothEnded && answerOf(left) === answerOf(right) && (
        <p className={styles.quiet}>Both gave the same answer.</p>
      )}
      {!bothEnded && (
        <p className={styles.quiet}>
          They are compared word by word when both have ended.
        </p>
      )}
      <div className={styles.columns}>
        <ComparedWords
          title="Answer, left"
          side="left"
          stretches={answers ?? whole(left)}
        />
        <ComparedWords
          title="Answer, right"
          side="right"
          stretches={answers ?? whole(right)}
        />
      </div>
      <CompareSteps left={left} right={right} />
    </>
  );
}

/** Two runs side by side: what they answered, what it took, and where they went other ways. */
export function ComparePage() {
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
    <RouterLink href={runsRoute()}>All runs</RouterLink>
  );
  let content = <RowsSkeleton rows={8} rowHeight={36} />;
  if (!left || !right) {
    content = (
      <EmptyHint title="Choose two runs" actions={allRuns}>
        Mark two of them in the list of runs and press Compare.
      </EmptyHint>
    );
  } else if (runs.error) {
    content = (
      <ErrorPanel
        title="The runs could not be loaded"
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
      entry={{ label: 'Two runs compared', href: compareRoute?.() ?? '' }}
    >
      <Container className={styles.page}>
        <div className={styles.sectionHead}>
          <h2 className={styles.pageTitle}>Two runs compared</h2>
          {runs.value && (
            <Button
              variant="secondary"
              iconStart={<RiArrowLeftRightLine />}
              onPress={() => update({ left: right, right: left })}
            >
              Swap
            </Button>
          )}
        </div>
        {content}
      </Container>
    </BreadcrumbEntry>
  );
}
