import { useEffect, useRef } from 'react';
import { AgentAvatar, FormFieldFrame } from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';
import { TextField } from '@backstage/ui';
import { formOf } from '../form/formContext';
import { scaffolderAgentsTranslationRef } from '../translation';
import styles from '../form/form.module.css';
import { idFromTitle } from './agentId';

export const nameSchema = makeFieldSchema({
  output: z => z.string().describe('The id of the agent in the catalog'),
});

/** The agent's id, proposed from its title, beside the face that it gets. */
export function AgentNamePicker(props: typeof nameSchema.TProps) {
  const {
    formData,
    onChange,
    idSchema,
    schema,
    rawErrors,
    required,
    disabled,
  } = props;
  const { t } = useTranslationRef(scaffolderAgentsTranslationRef);
  const title = formOf(props).title ?? '';
  const proposal = idFromTitle(title);
  // What the person typed is theirs; only an id that we proposed follows the title.
  const proposed = useRef(formData === proposal ? formData : undefined);
  const follows = formData === undefined || formData === proposed.current;
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => {
    if (follows && proposal && proposal !== formData) {
      proposed.current = proposal;
      latest.current(proposal);
    }
  }, [follows, proposal, formData]);

  const label = schema.title ?? t('name.label');
  return (
    <FormFieldFrame id={idSchema.$id} errors={rawErrors}>
      <div className={styles.identity}>
        <AgentAvatar name={formData || 'agent'} size="large" />
        <TextField
          label={label}
          secondaryLabel={required ? t('name.required') : undefined}
          description={
            schema.description ??
            t('name.description', { name: formData || '…' })
          }
          value={formData ?? ''}
          isDisabled={disabled}
          isInvalid={Boolean(rawErrors?.length)}
          // The browser would refuse to submit a form with an invalid input,
          // and so the corrected id would never be asked about again.
          validationBehavior="aria"
          onChange={value => onChange(value)}
        />
      </div>
    </FormFieldFrame>
  );
}
