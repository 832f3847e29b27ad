import type { Autonomy } from '@agentportal/plugin-agents-common';
import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';
import { ToolsField } from '@agentportal/plugin-agents-react';
import { fieldProps } from '../form/fieldProps';
import { formOf } from '../form/formContext';

export const toolsSchema = makeFieldSchema({
  output: z => z.array(z.string()).describe('Entity refs of tools'),
});

/** What the agent may look up and do. */
export function AgentToolPicker(props: typeof toolsSchema.TProps) {
  return (
    <ToolsField
      {...fieldProps(props)}
      autonomy={formOf(props).autonomy as Autonomy | undefined}
    />
  );
}
