import {
  EmptyHint,
  RowTable,
  StatusMark,
  formatDuration,
  formatNanoUsd,
  type Pair,
} from '@agentportal/plugin-agents-react';
import type { Run, RunStep } from '@agentportal/plugin-orchestration-common';
import { Button, Switch } from '@backstage/ui';
import { useMemo, useState } from 'react';
import { StepDetails } from '../run/StepDetails';
import { stepKindWord, stepTitle } from '../run/stepWords';
import { alignSteps, differencesOf, withoutInsideKept } from './differences';
import styles from './compare.module.css';

const COLUMNS = [
  { label: 'Step' },
  { label: 'Left' },
  { label: 'Right' },
  { label: 'What differs' },
];
/** More are shown on demand. */
const SHOWN = 200;

function StepSide({ step, absent }: { step?: RunStep; absent: string }) {
  return step ? (
    <>
      <StatusMark status={step.status} iconOnly />{' '}
      {step.kind === 'model' && step.modelId && <code>{step.modelId} </code>}
      <span className={styles.quiet}>
        {step.kept && 'kept'}
        {!step.kept &&
          step.durationMs !== undefined &&
          formatDuration(step.durationMs)}
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
    const isKept = left.kept || right.kept;
    words = differences.join(', ') || (isKept ? 'Kept' : 'The same');
  } else if (right) {
    words = 'Right only';
  } else if (step.index < firstRepeated) {
    words = 'Before the fork';
  }
  return (
    <>
      <tr>
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
        <td>
          {words === 'The same' || words === 'Kept' ? (
            words
          ) : (
            <strong>{words}</strong>
          )}
        </td>
      </tr>
      {isOpen && (
        <tr>
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

/** The steps of two runs by their places, and in what they differ; each opens to show both. */
export function CompareSteps({ left, right }: { left: Run; right: Run }) {
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const [shown, setShown] = useState(SHOWN);
  const firstRepeated =
    // A workflow takes over what it does not repeat.
    right.forkedFrom?.runId === left.id && !right.graph
      ? right.forkedFrom.step ?? 0
      : 0;
  const pairs = useMemo(() => {
    // What came before a fork is not in it, and must pair up with nothing.
    const repeated = withoutInsideKept(left, right).filter(
      ({ index }) => index >= firstRepeated,
    );
    const before = left.steps.filter(({ index }) => index < firstRepeated);
    return [
      ...before.map((step): Pair<RunStep> => ({ left: step })),
      ...alignSteps(repeated, withoutInsideKept(right, left)),
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
      <RowTable columns={COLUMNS} isFramed>
        {chosen.slice(0, shown).map(pair => (
          <StepRow
            key={`${'left' in pair && pair.left.id} ${
              'right' in pair && pair.right.id
            }`}
            pair={pair}
            firstRepeated={firstRepeated}
          />
        ))}
      </RowTable>
      {chosen.length === 0 && (
        <EmptyHint compact title="No step differs">
          Both runs did the same, in the same order.
        </EmptyHint>
      )}

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
