import {
  AUTONOMY_LEVELS,
  type Autonomy,
} from '@agentportal/plugin-agents-common';
import { Radio, RadioGroup } from '@backstage/ui';
import { AutonomyDots, describeAutonomy } from '../badges';
import type { AgentFieldProps } from './AgentFieldProps';
import { FormFieldFrame } from './FormFieldFrame';
import styles from './agentForm.module.css';

/**
 * Three radio buttons: how far the agent may go without asking.
 *
 * @public
 */
export function AutonomyField(props: AgentFieldProps<Autonomy>) {
  const { value, onChange, id, errors, required, isDisabled } = props;
  const label = props.label ?? 'Autonomy';
  return (
    <FormFieldFrame
      id={id}
      label={label}
      description={
        props.description ?? 'How far it may go without asking a person.'
      }
      required={required}
      errors={errors}
    >
      <RadioGroup
        aria-label={label}
        value={value ?? null}
        isDisabled={isDisabled}
        onChange={next => onChange(next as Autonomy)}
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
