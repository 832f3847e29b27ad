import {
  AutonomyField,
  ModelField,
  ToolsField,
} from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Select, TextAreaField, TextField } from '@backstage/ui';
import { Section } from '../overview/Section';
import { agentsTranslationRef } from '../translation';
import { type Draft, LIMITS } from './draft';
import styles from './settings.module.css';

/** The stages that a person chooses; retiring asks first, and suspending is another thing. */
const STAGES = ['experimental', 'review', 'production'] as const;
const MOST = { title: 80, description: 500, instructions: 50_000 } as const;

/** The fields of Create, for an agent that there is. */
export function SettingsForm(props: {
  draft: Draft;
  wrong: ReadonlySet<keyof Draft>;
  isDisabled: boolean;
  onChange(change: Partial<Draft>): void;
}) {
  const { draft, isDisabled, onChange, wrong } = props;
  const { t } = useTranslationRef(agentsTranslationRef);
  const label = (field: keyof Draft) => t(`settings.field.${field}`);
  // Text that one may not change is still there to be read, and grey is not.
  const line = (
    field: 'title' | 'monthlyBudgetUsd' | (typeof LIMITS)[number],
  ) => (
    <TextField
      key={field}
      label={label(field)}
      value={draft[field]}
      isReadOnly={isDisabled}
      isInvalid={wrong.has(field)}
      description={wrong.has(field) ? t('settings.wrong') : undefined}
      inputMode={field === 'title' ? undefined : 'decimal'}
      maxLength={field === 'title' ? MOST.title : 12}
      onChange={value => onChange({ [field]: value })}
    />
  );
  const lines = (
    field: 'description' | 'instructions' | 'exampleQuestions',
    rows: number,
    description?: string,
  ) => (
    <TextAreaField
      label={label(field)}
      description={wrong.has(field) ? t('settings.wrong') : description}
      rows={rows}
      value={draft[field]}
      isReadOnly={isDisabled}
      isInvalid={wrong.has(field)}
      maxLength={field === 'exampleQuestions' ? 10_000 : MOST[field]}
      onChange={value => onChange({ [field]: value })}
    />
  );
  const stages = STAGES.some(stage => stage === draft.lifecycle)
    ? STAGES
    : [draft.lifecycle, ...STAGES];
  return (
    <>
      <Section title={t('settings.purpose')}>
        <div className={styles.fields}>
          {line('title')}
          {lines('description', 2)}
          <Select
            label={label('lifecycle')}
            isDisabled={isDisabled}
            value={draft.lifecycle}
            options={stages.map(value => ({
              value,
              label: t(`settings.stage.${value}`),
            }))}
            onChange={key => onChange({ lifecycle: key as Draft['lifecycle'] })}
          />
        </div>
      </Section>
      <Section title={t('settings.work')}>
        <div className={styles.fields}>
          {lines('instructions', 14, t('settings.instructionsText'))}
          <ModelField
            id="settings-model"
            label={label('model')}
            value={draft.model}
            isDisabled={isDisabled}
            onChange={model => onChange({ model })}
          />
          <AutonomyField
            id="settings-autonomy"
            label={label('autonomy')}
            value={draft.autonomy}
            isDisabled={isDisabled}
            onChange={autonomy => onChange({ autonomy })}
          />
          <ToolsField
            id="settings-tools"
            label={label('tools')}
            value={draft.tools}
            autonomy={draft.autonomy}
            isDisabled={isDisabled}
            onChange={tools => onChange({ tools })}
          />
          {lines('exampleQuestions', 4, t('settings.questionsText'))}
        </div>
      </Section>
      <Section title={t('settings.limits')}>
        <div className={styles.limits}>
          {line('monthlyBudgetUsd')}
          {LIMITS.map(line)}
        </div>
      </Section>
    </>
  );
}
