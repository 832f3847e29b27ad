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
import type { OrchestrationTranslation } from '../translation';
import type { RunGraphNode } from './runGraph';

/** What types of nodes look like; translations have what they are called. */
export const NODE_ICONS = {
  agent: RiRobot2Line,
  tool: RiToolsLine,
  model: RiBrainLine,
  condition: RiGitBranchLine,
  loop: RiLoopLeftLine,
  parallel: RiStackLine,
  human: RiUserLine,
  transform: RiBracesLine,
  'sub-workflow': RiFlowChart,
  wait: RiTimerLine,
  supervisor: RiTeamLine,
  swarm: RiTeamLine,
  decide: RiScales3Line,
  plan: RiMapLine,
} as const;

/** Whether there are words and a shape for a type of nodes. */
export function isKnownType(type: string): type is keyof typeof NODE_ICONS {
  return Object.hasOwn(NODE_ICONS, type);
}

/** How a node stands, as a shape. */
export const NODE_TONES: Record<RunGraphNode['state'], StatusTone> = {
  pending: 'waiting',
  running: 'busy',
  waiting: 'attention',
  succeeded: 'good',
  failed: 'bad',
  skipped: 'off',
  revised: 'off',
};

/** Whether all that there is of a node was taken over from another run. */
export function isKept({ steps }: RunGraphNode): boolean {
  return steps.length > 0 && steps.every(({ kept }) => kept);
}

/** Whether somebody said what some of that should have come to instead. */
export function isEdited({ steps }: RunGraphNode): boolean {
  return steps.some(({ edited }) => edited);
}

/** How a node stands, with how many of its rounds or items are done. */
export function stateInWords(
  node: RunGraphNode,
  t: OrchestrationTranslation,
): string {
  const { counts, state } = node;
  // It was done elsewhere, and did not come to what stands here.
  const words: string[] = [
    isEdited(node) ? t('nodeWords.saidOtherwise') : t(`nodeStates.${state}`),
  ];
  if (isKept(node) && !isEdited(node)) words.push(t('nodeWords.kept'));
  if (counts) {
    const { failed, running, succeeded } = counts;
    const all = String(failed + running + succeeded);
    words.push(t('nodeWords.done', { done: String(succeeded), all }));
    if (failed && state !== 'failed') {
      words.push(t('nodeWords.failed', { failed: String(failed) }));
    }
  }
  return words.join(t('nodeWords.and'));
}
