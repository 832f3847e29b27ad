import {
  EmptyHint,
  RowTable,
  StatusMark,
  formatDuration,
  formatNanoUsd,
  type Pair,
} from '@agentportal/plugin-agents-react';
import type { Run, RunStep } from '@agentportal/plugin-orchestration-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Switch } from '@backstage/ui';
import { useMemo, useState } from 'react';
import { StepDetails } from '../run/StepDetails';
import { stepTitle } from '../run/stepWords';
import { orchestrationTranslationRef } from '../translation';
import { alignSteps, differencesOf, withoutInsideKept } from './differences';
import styles from './compare.module.css';

/** More are shown on demand. */
const SHOWN = 200;

function StepSide({ step, absent }: { step?: RunStep; absent: string }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  return step ? (
    <>
      <StatusMark status={step.status} iconOnly />{' '}
      {step.kind === 'model' && step.modelId && <code>{step.modelId} </code>}
      <span className={styles.quiet}>
        {step.kept && t('compareSteps.kept')}
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
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { pair, firstRepeated } = props;
  const [isOpen, setOpen] = useState(false);
  const left = 'left' in pair ? pair.left : undefined;
  const right = 'right' in pair ? pair.right : undefined;
  const step = (left ?? right)!;
  const differences =
    left && right
      ? differencesOf(left, right).map(each => t(`differences.${each}`))
      : [];
  const isSame = left && right && differences.length === 0;
  let words: string = t('compareSteps.leftOnly');
  if (left && right) {
    const isKept = left.kept || right.kept;
    words =
      differences.join(', ') ||
      (isKept ? t('compareSteps.keptOne') : t('compareSteps.theSame'));
  } else if (right) {
    words = t('compareSteps.rightOnly');
  } else if (step.index < firstRepeated) {
    words = t('compareSteps.beforeTheFork');
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
            {step.kind === 'model'
              ? t('compareSteps.modelCall')
              : stepTitle(step)}
          </button>
          <span className={styles.quiet}> {t(`stepKinds.${step.kind}`)}</span>
        </th>
        <td>
          <StepSide step={left} absent="–" />
        </td>
        <td>
          <StepSide
            step={right}
            absent={
              step.index < firstRepeated ? t('compareSteps.notRepeated') : '–'
            }
          />
        </td>
        <td>{isSame ? words : <strong>{words}</strong>}</td>
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
  const { t } = useTranslationRef(orchestrationTranslationRef);
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
    <section aria-label={t('compareSteps.steps')}>
      <div className={styles.sectionHead}>
        <h3 className={styles.title}>{t('compareSteps.steps')}</h3>
        <Switch
          label={t('compareSteps.onlyWhatDiffers')}
          isSelected={onlyDifferent}
          onChange={setOnlyDifferent}
        />
      </div>
      <RowTable
        columns={[
          { label: t('compareSteps.step') },
          { label: t('comparePage.left') },
          { label: t('comparePage.right') },
          { label: t('compareSteps.whatDiffers') },
        ]}
        isFramed
      >
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
        <EmptyHint compact title={t('compareSteps.noStepDiffers')}>
          {t('compareSteps.bothRunsDidTheSame')}
        </EmptyHint>
      )}

      {chosen.length > shown && (
        <Button
          variant="secondary"
          onPress={() => setShown(count => count + SHOWN)}
        >
          {t('compareSteps.showMoreSteps')}
        </Button>
      )}
    </section>
  );
}
