import type { StatusTone } from '@agentportal/plugin-agents-react';
import {
  RiBrainLine,
  RiBracesLine,
  RiScales3Line,
  RiFlowChart,
  RiGitBranchLine,
  RiLoopLeftLine,
  RiMapLine,
  RiRobot2Line,
  RiStackLine,
  RiTeamLine,
  RiTimerLine,
  RiToolsLine,
  RiUserLine,
} from '@remixicon/react';
import type { RunGraphNode } from './runGraph';

/** What types of nodes are called, and what they look like. */
export const NODE_TYPES: Record<
  string,
  { word: string; Icon: typeof RiFlowChart }
> = {
  agent: { word: 'Agent', Icon: RiRobot2Line },
  tool: { word: 'Tool', Icon: RiToolsLine },
  model: { word: 'Model', Icon: RiBrainLine },
  condition: { word: 'Condition', Icon: RiGitBranchLine },
  loop: { word: 'Loop', Icon: RiLoopLeftLine },
  parallel: { word: 'For each', Icon: RiStackLine },
  human: { word: 'Person', Icon: RiUserLine },
  transform: { word: 'Values', Icon: RiBracesLine },
  'sub-workflow': { word: 'Workflow', Icon: RiFlowChart },
  wait: { word: 'Wait', Icon: RiTimerLine },
  supervisor: { word: 'Supervisor', Icon: RiTeamLine },
  swarm: { word: 'Team', Icon: RiTeamLine },
  decide: { word: 'Decision', Icon: RiScales3Line },
  plan: { word: 'Plan', Icon: RiMapLine },
};

/** How a node stands, in words and in a shape. */
export const NODE_STATES: Record<
  RunGraphNode['state'],
  { label: string; tone: StatusTone }
> = {
  pending: { label: 'Not yet', tone: 'waiting' },
  running: { label: 'Running', tone: 'busy' },
  waiting: { label: 'Waiting for a person', tone: 'attention' },
  succeeded: { label: 'Done', tone: 'good' },
  failed: { label: 'Failed', tone: 'bad' },
  skipped: { label: 'Skipped', tone: 'off' },
  revised: { label: 'Revised', tone: 'off' },
};

/** Whether all that there is of a node was taken over from another run. */
export function isKept({ steps }: RunGraphNode): boolean {
  return steps.length > 0 && steps.every(({ kept }) => kept);
}

/** How a node stands, with how many of its rounds or items are done. */
export function stateInWords(node: RunGraphNode): string {
  const { counts, state } = node;
  const label = `${NODE_STATES[state].label}${isKept(node) ? ', kept' : ''}`;
  if (!counts) {
    return label;
  }
  const { failed, running, succeeded } = counts;
  const all = failed + running + succeeded;
  return `${label}, ${succeeded} of ${all}${
    failed && state !== 'failed' ? `, ${failed} failed` : ''
  }`;
}
