import {
  AUTONOMY_LEVELS,
  type Autonomy,
} from '@agentportal/plugin-agents-common';
import { Radio, RadioGroup } from '@backstage/ui';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { AutonomyDots, useLevelWords } from '../badges';
import { agentsReactTranslationRef } from '../translation';
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
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const words = useLevelWords();
  const label = props.label ?? t('autonomy.field');
  return (
    <FormFieldFrame
      id={id}
      label={label}
      description={props.description ?? t('autonomy.description')}
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
              <span className={styles.quiet}>
                {words.describeAutonomy(level)}
              </span>
            </span>
          </Radio>
        ))}
      </RadioGroup>
    </FormFieldFrame>
  );
}
