import {
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
} from 'react';
import type { Run, RunStep } from '@agentportal/plugin-orchestration-common';
import { StatusMark, formatDuration } from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { orchestrationTranslationRef } from '../translation';
import { STEP_ICONS } from './stepIcons';
import { stepTree } from './stepTree';
import { stepTitle } from './stepWords';
import { barOf, spanOf } from './waterfallScale';
import styles from './run.module.css';

function useTicking(isLive: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isLive) {
      return undefined;
    }
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [isLive]);
  return now;
}

/** As in the style sheet. */
const ROW_HEIGHT = 34;
/** A run may have a thousand steps; so many are drawn above and below the first that is seen. */
const ABOVE = 10;
const BELOW = 40;

function StepTime({ step }: { step: RunStep }) {
  return step.durationMs !== undefined ? (
    formatDuration(step.durationMs)
  ) : (
    <StatusMark status={step.status} iconOnly />
  );
}

function Row(props: {
  step: RunStep;
  depth: number;
  left: number;
  width: number;
  isSelected: boolean;
  position: number;
  count: number;
  onSelect: () => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { step, depth, left, width, isSelected, onSelect } = props;
  const { count, position } = props;
  const Icon = STEP_ICONS[step.kind];
  return (
    // The list handles the keys; see `onKeyDown` below.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={`step-${step.id}`}
      role="option"
      tabIndex={-1}
      aria-selected={isSelected}
      aria-posinset={position}
      aria-setsize={count}
      className={styles.step}
      onClick={onSelect}
    >
      <span className={styles.stepName} style={{ paddingLeft: depth * 16 }}>
        <Icon
          size={16}
          className={styles.stepIcon}
          aria-label={t(`stepKinds.${step.kind}`)}
        />
        <span className={styles.stepTitle}>{stepTitle(step)}</span>
      </span>
      <span className={styles.track}>
        <span
          className={styles.bar}
          data-kind={step.kind}
          data-status={step.status}
          style={{ left: `${left}%`, width: `${width}%` }}
        />
      </span>
      <span className={styles.stepTime}>
        {step.kept ? (
          t(step.edited ? 'waterfall.saidOtherwise' : 'waterfall.kept')
        ) : (
          <StepTime step={step} />
        )}
        {step.status === 'failed' && <StatusMark status="failed" iconOnly />}
      </span>
    </div>
  );
}

/** The steps of a run, or some of them, on a time axis. Up and down choose a step. */
export function Waterfall(props: {
  run: Run;
  /** Some of its steps; all of them unless told. */
  steps?: readonly RunStep[];
  isLive: boolean;
  selectedId: string | undefined;
  onSelect: (stepId: string) => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { run, isLive, selectedId, onSelect } = props;
  const { steps = run.steps } = props;
  const now = useTicking(isLive);
  const span = spanOf(run, now, props.steps);
  const tree = useMemo(() => stepTree(steps), [steps]);
  const list = useRef<HTMLDivElement>(null);
  const selected = tree.findIndex(({ step }) => step.id === selectedId);
  // Where it is scrolled to, so that nothing is drawn that is not seen.
  const [top, setTop] = useState(Math.max(0, selected - ABOVE));
  const first = Math.max(0, top - ABOVE);
  const shown = tree.slice(first, top + BELOW);

  useEffect(() => {
    const { clientHeight, scrollTop } = list.current!;
    const at = selected * ROW_HEIGHT;
    if (at < scrollTop || at + 2 * ROW_HEIGHT > scrollTop + clientHeight) {
      list.current!.scrollTop = at - clientHeight / 2;
    }
  }, [selected]);

  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowDown: selected + 1,
      j: selected + 1,
      ArrowUp: selected - 1,
      k: selected - 1,
      Home: 0,
      End: tree.length - 1,
    };
    const target = tree[moves[event.key]];
    if (target) {
      event.preventDefault();
      onSelect(target.step.id);
    }
  };
  return (
    <div
      ref={list}
      role="listbox"
      tabIndex={0}
      aria-label={t('waterfall.steps')}
      aria-activedescendant={selectedId ? `step-${selectedId}` : undefined}
      className={styles.waterfall}
      onKeyDown={onKeyDown}
      onScroll={({ currentTarget }) =>
        setTop(Math.floor(currentTarget.scrollTop / ROW_HEIGHT))
      }
    >
      <div role="presentation" style={{ height: first * ROW_HEIGHT }} />
      {shown.map(({ step, depth }, i) => (
        <Row
          key={step.id}
          step={step}
          depth={depth}
          {...barOf(step, span)}
          isSelected={step.id === selectedId}
          position={first + i + 1}
          count={tree.length}
          onSelect={() => onSelect(step.id)}
        />
      ))}
      <div
        role="presentation"
        style={{ height: (tree.length - first - shown.length) * ROW_HEIGHT }}
      />
    </div>
  );
}
