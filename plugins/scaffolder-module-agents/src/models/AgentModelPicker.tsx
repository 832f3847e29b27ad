import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';
import { ModelField } from '@agentportal/plugin-agents-react';
import { fieldProps } from '../form/fieldProps';

export const modelSchema = makeFieldSchema({
  output: z => z.string().describe('Entity ref of a model or route'),
});

/** What the agent thinks with. */
export function AgentModelPicker(props: typeof modelSchema.TProps) {
  return <ModelField {...fieldProps(props)} />;
}
