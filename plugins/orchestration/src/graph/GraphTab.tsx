import {
  StatusMark,
  formatDuration,
  formatNanoUsd,
  formatTokens,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import type { Run, RunStep } from '@agentportal/plugin-orchestration-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Box } from '@backstage/ui';
import { useMemo, type ReactNode } from 'react';
import { RUN_STATE } from '../run/runState';
import { StepDetails } from '../run/StepDetails';
import { withInner } from '../run/stepTree';
import { Waterfall } from '../run/Waterfall';
import { orchestrationTranslationRef } from '../translation';
import { GraphView } from './GraphView';
import { isKept, isKnownType, NODE_TONES, stateInWords } from './nodeWords';
import { nodeOfStep, type RunGraph, type RunGraphNode } from './runGraph';
import runStyles from '../run/run.module.css';
import styles from './graph.module.css';

/** What the steps of a node took together. */
function NodeSums({ node, inner }: { node: RunGraphNode; inner: RunStep[] }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const usages = inner.flatMap(({ usage }) => usage ?? []);
  const sum = (key: keyof (typeof usages)[0]) =>
    usages.reduce((all, usage) => all + usage[key], 0);
  const count = (kind: RunStep['kind']) =>
    inner.filter(step => step.kind === kind && !step.kept).length;
  const { steps } = node;
  const last = steps.at(-1);
  // Rounds and items have paths of their own; what is tried again has not.
  const tries = steps.filter(
    ({ kind, nodePath }) =>
      nodePath !== undefined &&
      nodePath === last?.nodePath &&
      kind === last.kind,
  ).length;
  return (
    <p className={runStyles.summary}>
      {steps.length === 1 && last?.durationMs !== undefined && (
        <span>{formatDuration(last.durationMs)}</span>
      )}
      {usages.length > 0 && (
        <>
          <span>
            {formatTokens(sum('inputTokens') + sum('outputTokens'), {
              unit: true,
            })}
          </span>
          <span>{formatNanoUsd(sum('costNanoUsd'))}</span>
        </>
      )}
      <span>
        {t('calls.model', { count: count('model') })},{' '}
        {t('calls.tool', { count: count('tool') })}
      </span>
      {tries > 1 && (
        <span>{t('graphTab.attempts', { tries: String(tries) })}</span>
      )}
    </p>
  );
}

function NodeDetails(props: {
  run: Run;
  node: RunGraphNode;
  isLive: boolean;
  stepId: string;
  onSelect: (stepId: string) => void;
  actions: (step: RunStep) => ReactNode;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { run, node, isLive, stepId, onSelect, actions } = props;
  const { state, steps, title, type } = node;
  const inner = useMemo(
    () =>
      withInner(
        run.steps,
        steps.map(({ id }) => id),
      ),
    [run.steps, steps],
  );
  const step = inner.find(({ id }) => id === stepId) ?? steps.at(-1);
  return (
    <div className={styles.inner}>
      <div className={runStyles.detailsHead}>
        <h3 className={runStyles.detailsTitle}>{title}</h3>
        <span className={runStyles.quiet}>
          {isKnownType(type) ? t(`nodeTypes.${type}`) : type}
        </span>
        <StatusMark
          status={state}
          tone={NODE_TONES[state]}
          label={stateInWords(node, t)}
        />
      </div>
      {state === 'revised' && (
        <p className={runStyles.quiet}>{t('graphTab.aNewPlanHasTaken')}</p>
      )}
      {inner.length === 0 ? (
        <p className={runStyles.quiet}>
          {state === 'pending'
            ? t('graphTab.itHasNotBegunWhat')
            : t('graphTab.nothingOfItIsOn')}
        </p>
      ) : (
        !isKept(node) && <NodeSums node={node} inner={inner} />
      )}
      {inner.length > 1 && (
        <Waterfall
          run={run}
          steps={inner}
          isLive={isLive}
          selectedId={step?.id}
          onSelect={onSelect}
        />
      )}
      {step && (
        <StepDetails
          key={step.id}
          step={step}
          heading={steps.length > 1 || step.id !== steps[0]?.id}
          actions={actions(step)}
        />
      )}
    </div>
  );
}

/** The graph of a run beside what happened in one of its nodes. */
export function GraphTab(props: {
  run: Run;
  graph: RunGraph;
  isLive: boolean;
  actions: (step: RunStep) => ReactNode;
}) {
  const { run, graph, isLive, actions } = props;
  const [state, update] = useUrlState(RUN_STATE);
  const { nodes } = graph;
  const chosen =
    nodes.find(({ id }) => id === state.node) ??
    (state.step ? nodeOfStep(graph, run, state.step) : undefined) ??
    // Without a choice the graph shows where it hurts, or where the run is.
    ['failed', 'waiting', 'running']
      .map(at => nodes.findLast(node => node.state === at))
      .find(Boolean) ??
    nodes.findLast(({ steps }) => steps.length > 0) ??
    nodes[0];
  return (
    <div className={runStyles.split}>
      <GraphView
        graph={graph}
        selectedId={chosen.id}
        onSelect={node =>
          update({ tab: 'graph', node, step: '' }, { replace: true })
        }
      />
      <Box bg="neutral" className={runStyles.detailsPane}>
        <NodeDetails
          key={chosen.id}
          run={run}
          node={chosen}
          isLive={isLive}
          stepId={state.step}
          onSelect={step =>
            update({ tab: 'graph', node: chosen.id, step }, { replace: true })
          }
          actions={actions}
        />
      </Box>
    </div>
  );
}
