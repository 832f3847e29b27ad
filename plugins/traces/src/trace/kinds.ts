import type { SpanKind } from '@agentportal/plugin-traces-common';
import {
  RiBookOpenLine,
  RiBrainLine,
  RiCodeLine,
  RiFlowChart,
  RiRobot2Line,
  RiShieldCheckLine,
  RiToolsLine,
} from '@remixicon/react';

/** What kinds of spans are called and look like; the colours are in the style sheet. */
export const KINDS: Record<
  SpanKind,
  { word: string; Icon: typeof RiBrainLine }
> = {
  agent: { word: 'Agent', Icon: RiRobot2Line },
  model: { word: 'Model', Icon: RiBrainLine },
  tool: { word: 'Tool', Icon: RiToolsLine },
  retrieval: { word: 'Retrieval', Icon: RiBookOpenLine },
  guard: { word: 'Guard', Icon: RiShieldCheckLine },
  workflow: { word: 'Workflow', Icon: RiFlowChart },
  other: { word: 'Other', Icon: RiCodeLine },
};
