import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { Run, RunStep } from '@agentportal/plugin-orchestration-common';
import { StatusMark, formatDuration } from '@agentportal/plugin-agents-react';
import {
  RiBrainLine,
  RiFlowChart,
  RiRobot2Line,
  RiToolsLine,
} from '@remixicon/react';
import { stepDepth, stepTitle } from './stepWords';
import { barOf, spanOf } from './waterfallScale';
import styles from './run.module.css';

const ICONS = {
  model: RiBrainLine,
  tool: RiToolsLine,
  agent: RiRobot2Line,
  node: RiFlowChart,
};

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

function Row(props: {
  step: RunStep;
  depth: number;
  bar: { left: number; width: number };
  isSelected: boolean;
  onSelect: () => void;
}) {
  const { step, depth, bar, isSelected, onSelect } = props;
  const Icon = ICONS[step.kind];
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
      onClick={onSelect}
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
          style={{ left: `${bar.left}%`, width: `${bar.width}%` }}
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
}

/** The steps of a run on a time axis. Up and down choose a step. */
export function Waterfall(props: {
  run: Run;
  isLive: boolean;
  selectedId: string | undefined;
  onSelect: (stepId: string) => void;
}) {
  const { run, isLive, selectedId, onSelect } = props;
  const now = useTicking(isLive);
  const span = spanOf(run, now);

  const onKeyDown = (event: KeyboardEvent) => {
    const index = run.steps.findIndex(step => step.id === selectedId);
    const moves: Record<string, number> = {
      ArrowDown: index + 1,
      j: index + 1,
      ArrowUp: index - 1,
      k: index - 1,
      Home: 0,
      End: run.steps.length - 1,
    };
    const target = moves[event.key];
    if (target !== undefined && run.steps[target]) {
      event.preventDefault();
      onSelect(run.steps[target].id);
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
      {run.steps.map(step => (
        <Row
          key={step.id}
          step={step}
          depth={stepDepth(step, run.steps)}
          bar={barOf(step, span)}
          isSelected={step.id === selectedId}
          onSelect={() => onSelect(step.id)}
        />
      ))}
    </div>
  );
}
