import {
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  StatusMark,
  formatCount,
  formatDuration,
  formatNanoUsd,
  useLoad,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import type { Run, RunStep } from '@agentportal/plugin-orchestration-common';
import {
  BreadcrumbEntry,
  RouterLink,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { Button, Container, Switch } from '@backstage/ui';
import { RiArrowLeftRightLine } from '@remixicon/react';
import { Fragment, useMemo, useState } from 'react';
import { orchestrationApiRef } from '../api';
import { compareRouteRef, rootRouteRef, runRouteRef } from '../routes';
import { RunStatusMark } from '../run/RunStatusMark';
import { answeringModel, stepKindWord, stepTitle } from '../run/stepWords';
import { StepDetails } from '../run/StepDetails';
import {
  alignSteps,
  compareWords,
  differencesOf,
  type Pair,
} from './differences';
import styles from './compare.module.css';

const COMPARE_STATE = { left: '', right: '' } as const;
/** More are shown on demand. */
const SHOWN = 200;

function signed(value: number, format: (value: number) => string): string {
  if (value === 0) {
    return 'the same';
  }
  return `${value > 0 ? '+' : '−'}${format(Math.abs(value))}`;
}

/** Numbers of both runs, and what is more or less on the right. */
function Facts({ left, right }: { left: Run; right: Run }) {
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
      change: a !== undefined && b !== undefined ? signed(b - a, format) : '',
    };
  };
  const [a, b] = [answeringModel(left), answeringModel(right)];
  const rows = [
    {
      label: 'Model',
      left: a ?? '–',
      right: b ?? '–',
      change: a === b ? 'the same' : 'another one',
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
    <div className={styles.frame}>
      <table className={styles.facts}>
        <thead>
          <tr>
            <th aria-label="What" />
            <th scope="col">Left</th>
            <th scope="col">Right</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.label}>
              <th scope="row">{row.label}</th>
              <td>{row.left}</td>
              <td>{row.right}</td>
              <td className={styles.quiet}>{row.change}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A text of one run; what the other one does not have is marked. */
function Words(props: {
  title: string;
  side: 'left' | 'right';
  stretches: ReturnType<typeof compareWords>;
}) {
  const Mark = props.side === 'left' ? 'del' : 'ins';
  return (
    <section className={styles.words} aria-label={props.title}>
      {props.stretches.map(({ side, text }, i) => {
        if (side === 'both') {
          // Stretches are never reordered.
          // eslint-disable-next-line react/no-array-index-key
          return <Fragment key={i}>{text}</Fragment>;
        }
        // eslint-disable-next-line react/no-array-index-key
        return side === props.side ? <Mark key={i}>{text}</Mark> : null;
      })}
    </section>
  );
}

function answerOf({ error, output }: Run): string {
  return output?.message ?? error?.message ?? 'No answer.';
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

function StepSide({ step, absent }: { step?: RunStep; absent: string }) {
  return step ? (
    <>
      <StatusMark status={step.status} iconOnly />{' '}
      {step.kind === 'model' && step.modelId && <code>{step.modelId} </code>}
      <span className={styles.quiet}>
        {step.durationMs !== undefined && formatDuration(step.durationMs)}
        {step.usage && ` · ${formatNanoUsd(step.usage.costNanoUsd)}`}
      </span>
    </>
  ) : (
    <span className={styles.quiet}>{absent}</span>
  );
}

function StepRow(props: { pair: Pair<RunStep>; firstRepeated: number }) {
  const { pair, firstRepeated } = props;
  const [isOpen, setOpen] = useState(false);
  const left = 'left' in pair ? pair.left : undefined;
  const right = 'right' in pair ? pair.right : undefined;
  const step = (left ?? right)!;
  const differences = left && right ? differencesOf(left, right) : [];
  let words = 'Left only';
  if (left && right) {
    words = differences.join(', ') || 'The same';
  } else if (right) {
    words = 'Right only';
  } else if (step.index < firstRepeated) {
    words = 'Before the fork';
  }
  return (
    <>
      <tr data-differs={words !== 'The same' || undefined}>
        <th scope="row">
          <button
            type="button"
            className={styles.toggle}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {step.kind === 'model' ? 'Model call' : stepTitle(step)}
          </button>
          <span className={styles.quiet}> {stepKindWord(step)}</span>
        </th>
        <td>
          <StepSide step={left} absent="–" />
        </td>
        <td>
          <StepSide
            step={right}
            absent={step.index < firstRepeated ? 'not repeated' : '–'}
          />
        </td>
        <td>{words}</td>
      </tr>
      {isOpen && (
        <tr className={styles.opened}>
          <td colSpan={4}>
            <div className={styles.columns}>
              <div>{left && <StepDetails step={left} />}</div>
              <div>{right && <StepDetails step={right} />}</div>
            </div>
          </td>
        </tr>
      )}
    </>
  );
}

function Steps({ left, right }: { left: Run; right: Run }) {
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const [shown, setShown] = useState(SHOWN);
  const firstRepeated =
    right.forkedFrom?.runId === left.id ? right.forkedFrom.step ?? 0 : 0;
  const pairs = useMemo(() => {
    // What came before a fork is not in it, and must pair up with nothing.
    const kept = left.steps.filter(({ index }) => index >= firstRepeated);
    const before = left.steps.filter(({ index }) => index < firstRepeated);
    return [
      ...before.map((step): Pair<RunStep> => ({ left: step })),
      ...alignSteps(kept, right.steps),
    ];
  }, [left, right, firstRepeated]);
  const chosen = onlyDifferent
    ? pairs.filter(
        pair =>
          !('left' in pair && 'right' in pair) ||
          differencesOf(pair.left, pair.right).length > 0,
      )
    : pairs;
  return (
    <section aria-label="Steps">
      <div className={styles.sectionHead}>
        <h3 className={styles.title}>Steps</h3>
        <Switch
          label="Only what differs"
          isSelected={onlyDifferent}
          onChange={setOnlyDifferent}
        />
      </div>
      <div className={styles.frame}>
        <table className={styles.steps}>
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">Left</th>
              <th scope="col">Right</th>
              <th scope="col">What differs</th>
            </tr>
          </thead>
          <tbody>
            {chosen.slice(0, shown).map(pair => (
              <StepRow
                key={`${'left' in pair && pair.left.id} ${
                  'right' in pair && pair.right.id
                }`}
                pair={pair}
                firstRepeated={firstRepeated}
              />
            ))}
          </tbody>
        </table>
        {chosen.length === 0 && (
          <EmptyHint compact title="No step differs">
            Both runs did the same, in the same order.
          </EmptyHint>
        )}
      </div>
      {chosen.length > shown && (
        <Button
          variant="secondary"
          onPress={() => setShown(count => count + SHOWN)}
        >
          Show more steps
        </Button>
      )}
    </section>
  );
}

function Comparison({ left, right }: { left: Run; right: Run }) {
  const [answers, questions] = useMemo(
    () => [
      compareWords(answerOf(left), answerOf(right)),
      compareWords(left.input.message, right.input.message),
    ],
    [left, right],
  );
  return (
    <>
      <div className={styles.columns}>
        <RunHead run={left} side="Left" />
        <RunHead run={right} side="Right" />
      </div>
      <Facts left={left} right={right} />
      {left.input.message !== right.input.message && (
        <>
          <h3 className={styles.title}>Question</h3>
          <div className={styles.columns}>
            <Words title="Question, left" side="left" stretches={questions} />
            <Words title="Question, right" side="right" stretches={questions} />
          </div>
        </>
      )}
      <h3 className={styles.title}>Answer</h3>
      {answerOf(left) === answerOf(right) && (
        <p className={styles.quiet}>Both gave the same answer.</p>
      )}
      <div className={styles.columns}>
        <Words title="Answer, left" side="left" stretches={answers} />
        <Words title="Answer, right" side="right" stretches={answers} />
      </div>
      <Steps left={left} right={right} />
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
