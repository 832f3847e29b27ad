import { EntityField } from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { orchestrationTranslationRef } from '../translation';

/** Chooses a model or route of the catalog; empty for the same as before. */
export function ModelField(props: {
  model: string;
  onChange: (model: string) => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  return (
    <EntityField
      label={t('modelField.model')}
      filter={{ kind: 'model', 'spec.type': ['chat', 'route'] }}
      // What was chosen before, else the own model of each agent, whatever that is by then.
      none={t('modelField.same')}
      value={props.model}
      onChange={props.onChange}
    />
  );
}
