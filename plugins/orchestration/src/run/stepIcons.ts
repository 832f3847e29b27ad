import {
  RiBrainLine,
  RiFlowChart,
  RiRobot2Line,
  RiToolsLine,
} from '@remixicon/react';

/** What kinds of steps look like. */
export const STEP_ICONS = {
  model: RiBrainLine,
  tool: RiToolsLine,
  agent: RiRobot2Line,
  node: RiFlowChart,
} as const;
