import type { StepUsage } from '@agentportal/plugin-orchestration-common';
import type { TracingService } from '@backstage/backend-plugin-api/alpha';
import { createMiddleware } from 'langchain';
import type { AgentTask } from './AgentTask';
import type { RunApprovals } from './RunApprovals';
import type { RunEventWriter } from './RunEventWriter';
import type { ToolSession } from './ToolSession';
import type { Handoff } from './handoffs';
import { modelSteps } from './modelSteps';
import { createStepRecord } from './StepRecord';
import { toolSteps } from './toolSteps';

/** What the middleware needs to know of the agent whose steps it writes. */
export interface StepContext {
  task: AgentTask;
  model: string;
  session: ToolSession;
  handoffs: Map<string, Handoff>;
  approvals: RunApprovals;
  events: RunEventWriter;
  tracing: TracingService;
  /** What the model gateway has booked on a step. */
  booked: (stepIndex: number) => Promise<StepUsage | undefined>;
}

/**
 * Stands round each model call and each tool call of an agent: holds it to its
 * budget, writes it down as a step, and turns what goes wrong into words.
 */
export function createStepMiddleware(context: StepContext) {
  const record = createStepRecord(context);
  return createMiddleware({
    name: 'AgentPortalSteps',
    wrapModelCall: modelSteps(context, record),
    wrapToolCall: toolSteps(context, record),
  });
}
