import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';
import { AutonomyField } from '@agentportal/plugin-agents-react';
import { fieldProps } from '../form/fieldProps';

export const autonomySchema = makeFieldSchema({
  output: z => z.enum(['copilot', 'supervised', 'autopilot']),
});

/** How far the agent may go without asking. */
export function AgentAutonomyPicker(props: typeof autonomySchema.TProps) {
  return <AutonomyField {...fieldProps(props)} />;
}
