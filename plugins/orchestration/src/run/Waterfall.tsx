import {
  memo,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
} from 'react';
import type { Run, RunStep } from '@agentportal/plugin-orchestration-common';
import { StatusMark, formatDuration } from '@agentportal/plugin-agents-react';
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

/** A run may have a thousand of them; only those that changed are drawn again. */
const Row = memo(function Row(props: {
  step: RunStep;
  depth: number;
  left: number;
  width: number;
  isSelected: boolean;
  onSelect: (stepId: string) => void;
}) {
  const { step, depth, left, width, isSelected, onSelect } = props;
  const Icon = STEP_ICONS[step.kind];
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isSelected) {
      element.current?.scrollIntoView?.({ block: 'nearest' });
    }
  }, [isSelected]);
  return (
    // The list handles the keys; see `onKeyDown` below.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      ref={element}
      id={`step-${step.id}`}
      role="option"
      tabIndex={-1}
      aria-selected={isSelected}
      className={styles.step}
      onClick={() => onSelect(step.id)}
    >
      <span className={styles.stepName} style={{ paddingLeft: depth * 16 }}>
        <Icon size={16} className={styles.stepIcon} aria-label={step.kind} />
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
        {step.durationMs !== undefined ? (
          formatDuration(step.durationMs)
        ) : (
          <StatusMark status={step.status} iconOnly />
        )}
        {step.status === 'failed' && <StatusMark status="failed" iconOnly />}
      </span>
    </div>
  );
});

/** The steps of a run, or some of them, on a time axis. Up and down choose a step. */
export function Waterfall(props: {
  run: Run;
  /** Some of its steps; all of them unless told. */
  steps?: readonly RunStep[];
  isLive: boolean;
  selectedId: string | undefined;
  onSelect: (stepId: string) => void;
}) {
  const { run, isLive, selectedId } = props;
  const { steps = run.steps } = props;
  const now = useTicking(isLive);
  const span = spanOf(run, now);
  const tree = useMemo(() => stepTree(steps), [steps]);
  const latest = useRef(props.onSelect);
  useEffect(() => {
    latest.current = props.onSelect;
  });
  const onSelect = useCallback((id: string) => latest.current(id), []);

  const onKeyDown = (event: KeyboardEvent) => {
    const index = tree.findIndex(({ step }) => step.id === selectedId);
    const moves: Record<string, number> = {
      ArrowDown: index + 1,
      j: index + 1,
      ArrowUp: index - 1,
      k: index - 1,
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
      role="listbox"
      tabIndex={0}
      aria-label="Steps"
      aria-activedescendant={selectedId ? `step-${selectedId}` : undefined}
      className={styles.waterfall}
      onKeyDown={onKeyDown}
    >
      {tree.map(({ step, depth }) => (
        <Row
          key={step.id}
          step={step}
          depth={depth}
          {...barOf(step, span)}
          isSelected={step.id === selectedId}
          onSelect={onSelect}
        />
      ))}
    </div>
  );
}
