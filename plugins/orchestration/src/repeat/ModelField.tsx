import { EntityField } from '@agentportal/plugin-agents-react';

/** What was chosen before, else the own model of each agent, whatever that is by then. */
const SAME = 'The same as before';

/** Chooses a model or route of the catalog; empty for the same as before. */
export function ModelField(props: {
  model: string;
  onChange: (model: string) => void;
}) {
  return (
    <EntityField
      label="Model"
      filter={{ kind: 'model', 'spec.type': ['chat', 'route'] }}
      none={SAME}
      value={props.model}
      onChange={props.onChange}
    />
  );
}
