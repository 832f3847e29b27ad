import {
  AutonomyDots,
  describeAutonomy,
} from '@agentportal/plugin-agents-react';
import {
  AUTONOMY_LEVELS,
  type Autonomy,
} from '@agentportal/plugin-agents-common';
import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';
import { Radio, RadioGroup } from '@backstage/ui';
import { FormFieldFrame } from '../form/FormFieldFrame';
import styles from '../form/form.module.css';

export const autonomySchema = makeFieldSchema({
  output: z => z.enum(['copilot', 'supervised', 'autopilot']),
});

/** Three radio buttons: how far the agent may go without asking. */
export function AgentAutonomyPicker(props: typeof autonomySchema.TProps) {
  const {
    formData,
    onChange,
    idSchema,
    schema,
    rawErrors,
    required,
    disabled,
  } = props;
  const label = schema.title ?? 'Autonomy';
  return (
    <FormFieldFrame
      id={idSchema.$id}
      label={label}
      description={
        schema.description ?? 'How far it may go without asking a person.'
      }
      required={required}
      errors={rawErrors}
    >
      <RadioGroup
        aria-label={label}
        value={formData ?? null}
        isDisabled={disabled}
        onChange={value => onChange(value as Autonomy)}
      >
        {AUTONOMY_LEVELS.map(level => (
          <Radio key={level} value={level}>
            <span className={styles.choice}>
              <AutonomyDots level={level} withLabel />
              <span className={styles.quiet}>{describeAutonomy(level)}</span>
            </span>
          </Radio>
        ))}
      </RadioGroup>
    </FormFieldFrame>
  );
}
